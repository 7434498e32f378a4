import * as z from 'zod'
import { readDuration } from './duration.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
/** An hour: what a caller waits for must end. */
const LONGEST_MS = 3_600_000

const durationError = { error: 'a time of at most an hour: seconds, or a text such as "250ms" or "90s"' }
const duration = z.union([z.string(), z.number()], durationError).refine((value) => {
  const ms = readDuration(value)
  return ms !== undefined && ms >= 0 && ms <= LONGEST_MS
}, durationError)
const when = z.enum(['before', 'after'])
const headers = z.record(z.string().regex(/^[\w-]+$/, { error: 'names of headers' }), z.string())

const common = {
  /** How the fault is called in the request log. */
  name: z.string().min(1).max(80).optional(),
  method: z.union([z.enum(METHODS), z.array(z.enum(METHODS)).min(1)]).optional(),
  /** `/api/v2/deals/:id`; one segment is `:id` or `*`, any number is two stars; without the query. */
  path: z
    .string()
    .regex(/^(\/|\*\*)/, { error: 'a path such as /api/v2/deals/:id or /api/v2/**' })
    .optional(),
  /** The API key of the request. */
  key: z.string().min(1).optional(),
  /** So often, then no more. */
  times: z.int().min(1).optional(),
  /** Of those that match, by dice that `seed` makes repeatable. */
  probability: z.number().gt(0).max(1).optional(),
  seed: z.int().optional(),
  /** The answer, or what is instead of it, comes so much later by the sandbox's clock. */
  delay: duration.optional(),
}

export const faultRule = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('status'),
    status: z.int().min(400).max(599),
    body: z.enum(['json', 'empty', 'html']).default('json'),
    headers: headers.optional(),
    when: when.default('before'),
  }),
  z.strictObject({ ...common, kind: z.literal('rate-limit'), headers: headers.optional() }),
  z.strictObject({ ...common, kind: z.literal('malformed') }),
  z.strictObject({ ...common, kind: z.literal('latency'), delay: duration, when: when.default('after') }),
  z.strictObject({ ...common, kind: z.literal('refused') }),
  z
    .strictObject({
      ...common,
      kind: z.literal('reset'),
      when: z.enum(['before', 'after', 'later']).default('before'),
      seconds: z
        .int()
        .min(1)
        .max(LONGEST_MS / 1000)
        .optional(),
    })
    .refine(({ when: moment, seconds }) => (moment === 'later') === (seconds !== undefined), {
      path: ['seconds'],
      error: 'how much later the work is done: given with "when":"later" and with nothing else',
    }),
  z.strictObject({ ...common, kind: z.literal('truncated'), bytes: z.int().min(0).optional() }),
  z.strictObject({ ...common, kind: z.literal('silent'), when: when.default('after') }),
  z.strictObject({ ...common, kind: z.literal('late-commit'), seconds: z.int().min(1) }),
])

/**
 * A FaultRule is what shall go wrong, and for which requests. `when` says whether the request is worked on before (`after` the commit) or not at all.
 * The work of a `reset` may also be done `later`: the connection breaks now, and `seconds` after that it is done, or refused.
 * - `status`: an answer of the gateway with a JSON, empty or HTML body · `rate-limit`: a 429, with chosen headers
 * - `malformed`: JSON that does not parse · `truncated`: the answer ends after `bytes`, or in the middle · `latency`: it comes late
 * - `refused`: no connection · `reset`: the connection breaks · `silent`: no answer ever comes
 * - `late-commit`: a new record has its id now and becomes readable `seconds` later
 */
export type FaultRule = z.input<typeof faultRule>
type Rule = z.output<typeof faultRule>

/** A Fault is a rule in force. */
export interface Fault {
  id: number
  /** The rule's, or its kind. */
  name: string
  rule: Rule
  hits: number
  /** How often it will still happen; null when it does not end by itself. */
  left: number | null
}

/** What the choice of a fault depends on. */
export interface FaultTarget {
  method: string
  path: string
  key: string | null
}

/** A WrongFault is a rule that makes no sense. */
export class InvalidFault extends Error {}

/** Faults are what shall go wrong; the first rule that fits a request decides on it. */
export interface Faults {
  /** A rule that makes no sense throws WrongFault. */
  add(rule: FaultRule): Fault
  list(): readonly Fault[]
  /** Whether there was one. */
  remove(id: number): boolean
  clear(): void
}

/** A FaultBox is the faults as the service uses them. */
export interface FaultRegistry extends Faults {
  /** The fault for this request, which counts as happened. */
  match(target: FaultTarget): Fault | undefined
}

const SPECIAL = /[.+?^${}()|[\]\\]/g
/** `:id` and `*` are one segment, `**` is any number of them. */
export function readPattern(path: string): RegExp {
  const parts = path.split(/(\*\*|\*|:\w+)/).map((part) => {
    if (part === '**') return '.*'
    return part === '*' || /^:\w/.test(part) ? '[^/]+' : part.replace(SPECIAL, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`)
}

/** Dice that fall the same for the same seed (mulberry32): numbers from 0 up to 1. */
export function createDice(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function readRule(rule: unknown): Rule {
  const { data, error } = faultRule.safeParse(rule)
  if (data) return data
  const problems = error.issues.map(({ path, message, code }) => {
    const text = code === 'invalid_union' && path[0] === 'kind' ? `one of ${KINDS.join(', ')}` : message
    return path.length > 0 ? `${path.join('.')}: ${text}` : text
  })
  throw new InvalidFault(`This is no fault: ${problems.join('; ')}`)
}

export const KINDS = faultRule.options.map(({ shape }) => shape.kind.value)

export function createFaults(): FaultRegistry {
  let lastId = 0
  let faults: { fault: Fault; fits: (target: FaultTarget) => boolean; dice: () => number }[] = []

  return {
    add(given) {
      const rule = readRule(given)
      const pattern = rule.path === undefined ? undefined : readPattern(rule.path)
      const methods = rule.method === undefined ? undefined : [rule.method].flat()
      const matches = ({ method, path, key }: FaultTarget) =>
        (!methods || (methods as string[]).includes(method)) &&
        (!pattern || pattern.test(path)) &&
        (rule.key === undefined || rule.key === key)
      const fault: Fault = { id: ++lastId, name: rule.name ?? rule.kind, rule, hits: 0, left: rule.times ?? null }
      faults.push({ fault, fits: matches, dice: createDice(rule.seed ?? 1) })
      return fault
    },
    list: () => faults.map(({ fault }) => fault),
    remove(id) {
      const before = faults.length
      faults = faults.filter(({ fault }) => fault.id !== id)
      return faults.length < before
    },
    clear: () => void (faults = []),
    match(target) {
      const matched = faults.find(({ fault, fits: matches, dice }) => fault.left !== 0 && matches(target) && dice() < (fault.rule.probability ?? 1))
      if (!matched) return undefined
      const { fault } = matched
      fault.hits++
      if (fault.left !== null) fault.left--
      return fault
    },
  }
}
