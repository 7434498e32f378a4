import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TargetResponse } from './targets/target-client.ts'
import { applyResponse, type EndpointHealth } from './apply-response.ts'
import { ATTEMPTS, CIRCUIT_OPENS_AFTER } from './schedule.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const responseOf = (status: number, body: unknown = '', retryAfter?: string): TargetResponse => ({
  status,
  retryAfter,
  body: JSON.stringify(body),
})
const active: EndpointHealth = { state: 'active', failures: 0, quietUntil: null }
const after = (health: EndpointHealth, response: TargetResponse, attempts = 0, isProbe = false) =>
  applyResponse({ health, attempts, isProbe, response, now: NOW, random: 0 })

const IN_10_MIN = new Date(NOW + 600_000)
const HEALTH_LEVELS: Record<string, EndpointHealth> = {
  healthy: active,
  failing: { state: 'active', failures: 2, quietUntil: IN_10_MIN },
  open: { state: 'active', failures: CIRCUIT_OPENS_AFTER, quietUntil: IN_10_MIN },
  disabled: { state: 'disabled', failures: 1, quietUntil: null },
}
const RESPONSES: Record<string, [TargetResponse, number]> = {
  delivered: [responseOf(202), 0],
  failed: [responseOf(500), 0],
  'attempts exhausted': [responseOf(500), ATTEMPTS - 1],
  'turned off': [responseOf(400, { error: { code: 'WorkflowTriggerIsNotEnabled', message: "in state 'Disabled'" } }), 0],
  gone: [responseOf(410), 0],
}

/** How many seconds from now; `-` for none. */
const seconds = (at: Date | null | undefined): string => (at ? `${(at.getTime() - NOW) / 1_000} s` : '-')

/** Delivery, state of the subscription, consecutive failures, quiet time, whether pending deliveries are due now. `=`: the subscription is not written. */
// prettier-ignore
const TABLE: [response: string, health: string, expected: string][] = [
  ['delivered',                'healthy',    'delivered =' ],
  ['delivered',                'failing',    'delivered - 0 600 s' ],
  ['delivered',                'open',       'delivered - 0 - retry now' ],
  ['delivered',                'disabled',   'delivered active 0 - retry now' ],
  ['failed',                   'healthy',    'in 5 s - 1 -' ],
  ['failed',                   'failing',    'in 5 s - 3 600 s' ],
  ['failed',                   'open',       'in 5 s - 5 600 s' ],
  ['failed',                   'disabled',   'waiting - 2 3600 s' ],
  ['attempts exhausted',       'healthy',    'dead - 1 -' ],
  ['attempts exhausted',       'failing',    'dead - 3 600 s' ],
  ['attempts exhausted',       'open',       'dead - 5 600 s' ],
  ['attempts exhausted',       'disabled',   'waiting - 2 3600 s' ],
  ['turned off',               'healthy',    'waiting disabled 0 3600 s' ],
  ['turned off',               'failing',    'waiting disabled 0 3600 s' ],
  ['turned off',               'open',       'waiting disabled 0 3600 s' ],
  ['turned off',               'disabled',   'waiting - 0 3600 s' ],
  ['gone',                     'healthy',    'dead ended 0 -' ],
  ['gone',                     'failing',    'dead ended 0 -' ],
  ['gone',                     'open',       'dead ended 0 -' ],
  ['gone',                     'disabled',   'dead ended 0 -' ],
]

test.each(TABLE)('%s, to an endpoint that is %s: %s', (kind, level, expected) => {
  const before = HEALTH_LEVELS[level]!
  const [response, attempts] = RESPONSES[kind]!
  const { becomes, change, health: next } = after(before, response, attempts)
  const delivery = typeof becomes === 'string' ? becomes : `in ${seconds(becomes.nextAt)}`
  const subscription =
    change && `${change.state?.is ?? '-'} ${change.failures} ${seconds(change.quietUntil)}${change.retryNow ? ' retry now' : ''}`
  expect(`${delivery} ${subscription ?? '='}`).toBe(expected)
  // The health that the runner continues with is the one that was written, unless the subscription ended.
  const state = change?.state?.is ?? before.state
  if (change && state !== 'ended') expect(next).toEqual({ state, failures: change.failures, quietUntil: change.quietUntil })
  else expect(next).toEqual(before)
})

test('the table has every response for every health level once', () => {
  const all = Object.keys(RESPONSES).flatMap((response) => Object.keys(HEALTH_LEVELS).map((health) => `${response}, ${health}`))
  expect(TABLE.map(([response, health]) => `${response}, ${health}`)).toEqual(all)
})

test('a failure is retried by the schedule; the last one ends the delivery, not the subscription', () => {
  expect(after(active, responseOf(500))).toMatchObject({
    becomes: { nextAt: new Date(NOW + 5_000) },
    change: { failures: 1, quietUntil: null },
  })
  const last = after(active, responseOf(500), ATTEMPTS - 1)
  expect(last).toMatchObject({ kind: 'dead', becomes: 'dead' })
  expect(last.change?.state).toBeUndefined()
})

test.each([429, 503])('%s with Retry-After delays the delivery and all other deliveries of the endpoint', (status) => {
  const until = new Date(NOW + 600_000)
  expect(after(active, responseOf(status, '', '600'))).toMatchObject({ becomes: { nextAt: until }, change: { quietUntil: until } })
})

test.each([429, 502, 503, 504])('%s delays all deliveries of the endpoint for a moment', (status) =>
  expect(after(active, responseOf(status))).toMatchObject({ change: { quietUntil: new Date(NOW + 5_000) } }),
)

test('500 with Retry-After is an ordinary failure', () => {
  expect(after(active, responseOf(500, '', '600'))).toMatchObject({ becomes: { nextAt: new Date(NOW + 5_000) } })
})

test('once the circuit is open, parallel failures count as one', () => {
  let health = active
  for (let n = 0; n < 12; n++) health = after(health, responseOf(500)).health
  expect(health.failures).toBe(CIRCUIT_OPENS_AFTER)
  expect(after(health, responseOf(500), 0, true).health.failures).toBe(CIRCUIT_OPENS_AFTER + 1)
})

test('no response causes an immediate retry or a shorter quiet time', () => {
  const responses = fc.oneof(
    fc.record({ status: fc.integer({ min: 300, max: 599 }), retryAfter: fc.option(fc.string(), { nil: undefined }), body: fc.string() }),
    fc.constant<TargetResponse>({ status: null, reason: 'x', stopped: false }),
  )
  const quietUntil = fc.option(fc.date({ min: new Date(0), max: new Date(NOW * 2), noInvalidDate: true }), { nil: null })
  const healths = fc.record({ state: fc.constantFrom('active' as const, 'disabled' as const), failures: fc.nat(100), quietUntil })
  fc.assert(
    fc.property(healths, responses, fc.nat(10), fc.boolean(), (health, response, attempts, isProbe) => {
      const { becomes, health: next } = applyResponse({ health, attempts, isProbe, response, now: NOW, random: 0.5 })
      if (typeof becomes === 'object') expect(becomes.nextAt.getTime()).toBeGreaterThanOrEqual(NOW + 5_000)
      if (becomes !== 'dead' && next.state === health.state)
        expect(next.quietUntil?.getTime() ?? 0).toBeGreaterThanOrEqual(health.quietUntil?.getTime() ?? 0)
    }),
  )
})
