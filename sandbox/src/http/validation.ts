import * as z from 'zod'
import { inventedTexts, type Behaviour, type InventedText } from '../behaviour.ts'
import { isDate, readClockTime, readDuration, readMoment, readRfc3339 } from '../time.ts'
import { type Problem, Refusal, failure, validationFailed, wording } from './answer.ts'

/** A schema check names the text of its refusal: an invented one, or one of these, observed in Pipedrive's answers. */
const observedTexts = { notADatetime: 'This value is not a valid datetime.' }
type TextName = InventedText | keyof typeof observedTexts
const check = (name: TextName, values?: string) => ({ error: values === undefined ? name : `${name}|${values}` })

const notA = (type: string): string => `The value is not a valid '${type}'`

const reading = (read: (text: string) => string | undefined, refused: TextName) =>
  z.string().transform((text, context) => {
    const value = read(text)
    if (value === undefined) context.issues.push({ code: 'custom', input: text, message: refused })
    return value ?? text
  })

/** Pipedrive does not document the largest amount; an assumption, far above every deal. */
const AMOUNT_MAX = 1e15
export const isAmount = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= AMOUNT_MAX
const amount = () => z.number({ error: notA('number') }).refine(isAmount, { error: notA('number') })

/** The types of body fields, without coercion: a number in quotes is refused. */
export const body = {
  text: () => z.string(),
  name: () => z.string().refine((text) => text.trim() !== '', check('empty')),
  whole: () => z.int({ error: notA('integer') }),
  amount,
  flag: () => z.boolean(),
  oneOf: <const T extends readonly string[]>(values: T) => z.enum(values),
  between: (low: number, high: number) =>
    amount().refine((value) => value >= low && value <= high, check('outOfRange', `${low} and ${high}`)),
  /** An empty text is stored as `empty`, and refused without it. */
  date: (empty?: string) => reading((text) => (text === '' ? empty : isDate(text) ? text : undefined), 'notADate'),
  moment: () => reading(readMoment, 'notADatetime'),
  clockTime: () => reading(readClockTime, 'notADatetime'),
  duration: () => reading(readDuration, 'notADatetime'),
}

const wholeText = z.string().refine((text) => /^\d{1,15}$/.test(text), { error: notA('integer') })
const listOf = (text: string) => text.split(',').map((part) => part.trim())

/** The types of query parameters, which are all texts on the wire. */
export const query = {
  text: () => z.string(),
  whole: () => wholeText.transform(Number),
  flag: () =>
    z
      .string()
      .refine((text) => text === 'true' || text === 'false', { error: notA('boolean') })
      .transform((text) => text === 'true'),
  oneOf: <const T extends readonly string[]>(values: T) => z.enum(values),
  someOf: <const T extends readonly string[]>(values: T) =>
    z
      .string()
      .transform(listOf)
      .pipe(z.array(z.enum(values))),
  list: () => z.string().transform(listOf),
  ids: () =>
    z
      .string()
      .transform(listOf)
      .pipe(z.array(wholeText.transform(Number)))
      .refine((ids) => ids.length <= 100, check('tooManyIds')),
  moment: () => reading(readRfc3339, 'notADatetime'),
  limit: (most = 500) => wholeText.transform(Number).refine((limit) => limit >= 1 && limit <= most, check('outOfRange', `1 and ${most}`)),
}

function textOf(issue: z.core.$ZodIssue, missing: boolean, behaviour: Readonly<Behaviour>): string {
  if (missing) return wording(behaviour, 'required')
  // Number types bring their own text: zod reports "not a number", Pipedrive "not an integer".
  if (issue.code === 'invalid_type' && issue.expected !== 'number' && issue.expected !== 'int') return notA(issue.expected)
  if (issue.code === 'invalid_value') return wording(behaviour, 'notOneOf', issue.values.map((value) => `'${String(value)}'`).join(', '))
  const [name = '', values] = issue.message.split('|')
  if (Object.hasOwn(inventedTexts, name)) return wording(behaviour, name as InventedText, values)
  return Object.hasOwn(observedTexts, name) ? observedTexts[name as keyof typeof observedTexts] : issue.message
}

const notAllowed = (field: string): Problem => ({ field, text: `Parameter '${field}' is not allowed for this request` })

/** Validates a body or a query strictly; refuses with all problems at once. */
export function validate<S extends z.ZodType>(schema: S, value: unknown, behaviour: Readonly<Behaviour>): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw validationFailed(
    result.error.issues.flatMap((issue): Problem[] => {
      if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => notAllowed([...issue.path, key].join('.')))
      const field = issue.path.filter((part) => typeof part === 'string').join('.')
      const missing = issue.path.length === 1 && !Object.hasOwn(value as object, issue.path[0]!)
      return [{ field, text: textOf(issue, missing, behaviour) }]
    }),
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const notJson = (behaviour: Readonly<Behaviour>): Refusal => new Refusal(failure(400, wording(behaviour, 'notJson')))

/** Reads a request body: JSON, and an object. */
export function readJson(text: string, behaviour: Readonly<Behaviour>): Record<string, unknown> {
  const value = parse(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw notJson(behaviour)
}

/** The same for the few bodies that are lists. */
export function readJsonList(text: string, behaviour: Readonly<Behaviour>): unknown[] {
  const value = parse(text)
  if (Array.isArray(value)) return value
  throw notJson(behaviour)
}
