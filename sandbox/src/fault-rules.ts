import * as z from 'zod'
import { readDuration } from './duration.ts'
import { createRandom, type Random } from './random.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
/** An hour, so that every wait of a caller ends. */
const LONGEST_MS = 3_600_000

const durationError = { error: 'a time of at most an hour: seconds, or a text such as "250ms" or "90s"' }
const duration = z.union([z.string(), z.number()], durationError).refine((value) => {
  const ms = readDuration(value)
  return ms !== undefined && ms >= 0 && ms <= LONGEST_MS
}, durationError)
const when = z.enum(['before', 'after'])
const headers = z.record(z.string().regex(/^[\w-]+$/, { error: 'names of headers' }), z.string())

const common = {
  /** The fault's name in the request log. */
  name: z.string().min(1).max(80).optional(),
  method: z.union([z.enum(METHODS), z.array(z.enum(METHODS)).min(1)]).optional(),
  /** `/api/v2/deals/:id`; one segment is `:id` or `*`, any number is two stars; without the query. */
  path: z
    .string()
    .regex(/^(\/|\*\*)/, { error: 'a path such as /api/v2/deals/:id or /api/v2/**' })
    .optional(),
  /** The API key of the request. */
  key: z.string().min(1).optional(),
  /** How many times it applies. */
  times: z.int().min(1).optional(),
  /** The share of matching requests; `seed` makes the choice repeatable. */
  probability: z.number().gt(0).max(1).optional(),
  seed: z.int().optional(),
  /** Delays the answer, or the broken connection, by the sandbox's clock. */
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
      error: 'the delay of the execution: required with "when":"later", and only there',
    }),
  z.strictObject({ ...common, kind: z.literal('truncated'), bytes: z.int().min(0).optional() }),
  z.strictObject({ ...common, kind: z.literal('silent'), when: when.default('after') }),
  z.strictObject({ ...common, kind: z.literal('late-commit'), seconds: z.int().min(1) }),
])

/**
 * A FaultRule is a fault and the requests it applies to. `when: 'after'` executes the request first; `before` does not execute it at all.
 * A `reset` also takes `later`: the connection breaks now, and the request is executed (or refused) `seconds` later.
 * - `status`: a gateway's answer with a JSON, empty or HTML body · `rate-limit`: a 429 with the given headers
 * - `malformed`: JSON that does not parse · `truncated`: the body ends after `bytes`, or in the middle · `latency`: a late answer
 * - `refused`: no connection · `reset`: the connection breaks · `silent`: no answer
 * - `late-commit`: a new record gets its id now and becomes readable `seconds` later
 */
export type FaultRule = z.input<typeof faultRule>
type Rule = z.output<typeof faultRule>

/** A Fault is an active fault rule. */
export interface Fault {
  id: number
  /** The rule's name, or its kind. */
  name: string
  rule: Rule
  hits: number
  /** How many more times it applies; null without a limit. */
  left: number | null
}

/** A FaultTarget is what a rule matches against: one request. */
export interface FaultTarget {
  method: string
  path: string
  key: string | null
}

/** An InvalidFault is a rule that does not match the schema. */
export class InvalidFault extends Error {}

/** Faults are the active fault rules; the first rule that matches a request applies. */
export interface Faults {
  /** Throws InvalidFault if the rule does not match the schema. */
  add(rule: FaultRule): Fault
  list(): readonly Fault[]
  /** Returns whether it existed. */
  remove(id: number): boolean
  clear(): void
}

/** A FaultRegistry is the faults as the service uses them. */
export interface FaultRegistry extends Faults {
  /** The fault that applies to this request; counts as one hit. */
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

function readRule(rule: unknown): Rule {
  const { data, error } = faultRule.safeParse(rule)
  if (data) return data
  const problems = error.issues.map(({ path, message, code }) => {
    const text = code === 'invalid_union' && path[0] === 'kind' ? `one of ${KINDS.join(', ')}` : message
    return path.length > 0 ? `${path.join('.')}: ${text}` : text
  })
  throw new InvalidFault(`Invalid fault: ${problems.join('; ')}`)
}

export const KINDS = faultRule.options.map(({ shape }) => shape.kind.value)

export function createFaults(): FaultRegistry {
  let lastId = 0
  let faults: { fault: Fault; fits: (target: FaultTarget) => boolean; chance: Random['chance'] }[] = []

  return {
    add(newRule) {
      const rule = readRule(newRule)
      const pattern = rule.path === undefined ? undefined : readPattern(rule.path)
      const methods = rule.method === undefined ? undefined : [rule.method].flat()
      const matches = ({ method, path, key }: FaultTarget) =>
        (!methods || (methods as string[]).includes(method)) &&
        (!pattern || pattern.test(path)) &&
        (rule.key === undefined || rule.key === key)
      const fault: Fault = { id: ++lastId, name: rule.name ?? rule.kind, rule, hits: 0, left: rule.times ?? null }
      faults.push({ fault, fits: matches, chance: createRandom(rule.seed ?? 1).chance })
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
      const matched = faults.find(
        ({ fault, fits: matches, chance }) => fault.left !== 0 && matches(target) && chance(fault.rule.probability ?? 1),
      )
      if (!matched) return undefined
      const { fault } = matched
      fault.hits++
      if (fault.left !== null) fault.left--
      return fault
    },
  }
}
