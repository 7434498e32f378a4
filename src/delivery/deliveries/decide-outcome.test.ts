import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TargetAnswer } from '../targets/target-client.ts'
import { conclude, type Standing } from './conclude.ts'
import { readAnswer } from './decide-outcome.ts'
import { ATTEMPTS, OPENS_AFTER_FAILURES, PROBE_EVERY_MS } from './schedule.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const said = (status: number, body: unknown = '', retryAfter?: string): TargetAnswer => ({
  status,
  retryAfter,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const flow = (status: number, code: string, message?: string) => said(status, { error: { code, message } })
const DISABLED = "Could not execute workflow trigger 'manual' in state 'Disabled': trigger is not enabled."

describe('what an answer means', () => {
  test.each([200, 201, 202, 204, 299])('%s is delivered, whatever the body says', (status) =>
    expect(readAnswer(flow(status, 'WorkflowNotFound'))).toEqual({ kind: 'delivered' }),
  )

  test.each<[string, TargetAnswer, string]>([
    ['a flow that is turned off', flow(400, 'WorkflowTriggerIsNotEnabled', DISABLED), 'disabled'],
    ['one that is suspended', flow(400, 'WorkflowTriggerIsNotEnabled', "in state 'Suspended'"), 'disabled'],
    ['one that does not say why', flow(400, 'WorkflowTriggerIsNotEnabled'), 'disabled'],
    ['an error without its envelope', said(400, { code: 'WorkflowTriggerIsNotEnabled', message: DISABLED }), 'disabled'],
    ['a deleted flow', flow(400, 'WorkflowTriggerIsNotEnabled', "in state 'Deleted'"), 'gone'],
    ['a flow that nobody knows', flow(404, 'WorkflowNotFound'), 'gone'],
    ['410', said(410), 'gone'],
    ['a bare 404', said(404), 'failed'],
    ['a 404 of a gateway', said(404, '<html>WorkflowNotFound</html>'), 'failed'],
    ['a 404 with another code', flow(404, 'ResourceNotFound'), 'failed'],
    ['a 500 that says not found', flow(500, 'WorkflowNotFound'), 'failed'],
    ['a 403 that says not enabled', flow(403, 'WorkflowTriggerIsNotEnabled', DISABLED), 'failed'],
    ['a schema that does not fit', flow(400, 'TriggerInputSchemaMismatch'), 'failed'],
    ['a redirect', said(302), 'failed'],
    ['no answer', { status: null, reason: 'no answer within 15 s', stopped: false }, 'failed'],
  ])('%s', (_, answer, kind) => expect(readAnswer(answer).kind).toBe(kind))

  test('every reason is a text for people, without what the receiver made up', () => {
    const evil = flow(400, 'Evil <script>\nx', 'y')
    expect(readAnswer(evil)).toEqual({ kind: 'failed', reason: 'the receiver answered 400', slower: false })
    expect(readAnswer(flow(400, 'TriggerInputSchemaMismatch'))).toMatchObject({
      reason: 'the receiver answered 400 TriggerInputSchemaMismatch',
    })
  })

  test('no body, however strange, is an error of ours', () => {
    const bodies = fc.oneof(fc.string(), fc.json(), fc.constant('['.repeat(65_536)), fc.constant('{"error":null}'), fc.constant('null'))
    fc.assert(
      fc.property(fc.constantFrom(400, 404, 500), bodies, (status, body) => {
        expect(['failed', 'disabled', 'gone']).toContain(readAnswer(said(status, body)).kind)
      }),
    )
  })
})

describe('what follows', () => {
  const active: Standing = { state: 'active', failures: 0, quietUntil: null }
  const after = (standing: Standing, answer: TargetAnswer, attempts = 0, probe = false) =>
    conclude({ standing, attempts, probe, answer, now: NOW, random: 0 })

  test('a delivery to a receiver that is well changes nothing about it', () => {
    expect(after(active, said(200))).toMatchObject({ becomes: 'delivered', change: undefined, standing: active })
  })

  test('a failure waits by the schedule; the last one is the end of the delivery, not of the subscription', () => {
    expect(after(active, said(500))).toMatchObject({
      becomes: { nextAt: new Date(NOW + 5_000) },
      change: { failures: 1, quietUntil: null },
    })
    const last = after(active, said(500), ATTEMPTS - 1)
    expect(last).toMatchObject({ kind: 'dead', becomes: 'dead' })
    expect(last.change?.state).toBeUndefined()
  })

  test.each([429, 503])('%s with Retry-After moves the delivery and everything behind it', (status) => {
    const until = new Date(NOW + 600_000)
    expect(after(active, said(status, '', '600'))).toMatchObject({ becomes: { nextAt: until }, change: { quietUntil: until } })
  })

  test.each([429, 502, 503, 504])('%s slows everything down for a moment', (status) =>
    expect(after(active, said(status))).toMatchObject({ change: { quietUntil: new Date(NOW + 5_000) } }),
  )

  test('500 with Retry-After is a failure like others', () => {
    expect(after(active, said(500, '', '600'))).toMatchObject({ becomes: { nextAt: new Date(NOW + 5_000) } })
  })

  test('a success forgets failures, but not what another answer has asked for', () => {
    const quietUntil = new Date(NOW + 600_000)
    expect(after({ ...active, failures: 2, quietUntil }, said(200)).change).toEqual({ failures: 0, quietUntil })
    expect(after({ ...active, failures: OPENS_AFTER_FAILURES, quietUntil }, said(200)).change).toEqual({
      failures: 0,
      quietUntil: null,
      hurry: true,
    })
  })

  test('those that were under way together count as one, once the receiver is left alone', () => {
    let standing = active
    for (let n = 0; n < 12; n++) standing = after(standing, said(500)).standing
    expect(standing.failures).toBe(OPENS_AFTER_FAILURES)
    expect(after(standing, said(500), 0, true).standing.failures).toBe(OPENS_AFTER_FAILURES + 1)
  })

  test('one that is turned off is asked every hour, whatever it says, and loses no attempt', () => {
    const off = after(active, flow(400, 'WorkflowTriggerIsNotEnabled', DISABLED))
    const inAnHour = new Date(NOW + PROBE_EVERY_MS)
    expect(off).toMatchObject({ becomes: 'waiting', change: { quietUntil: inAnHour, state: { is: 'disabled' } } })
    for (const answer of [said(500), said(404), flow(400, 'WorkflowTriggerIsNotEnabled', DISABLED)]) {
      const again = after(off.standing, answer, 3, true)
      expect(again).toMatchObject({ becomes: 'waiting', standing: { state: 'disabled', quietUntil: inAnHour } })
      expect(again.change?.state).toBeUndefined()
    }
    expect(after(off.standing, said(202)).change).toEqual({
      failures: 0,
      quietUntil: null,
      state: { is: 'active', reason: null },
      hurry: true,
    })
  })

  test('whatever comes, nothing is tried again at once, and silence never grows shorter', () => {
    const answers = fc.oneof(
      fc.record({ status: fc.integer({ min: 300, max: 599 }), retryAfter: fc.option(fc.string(), { nil: undefined }), body: fc.string() }),
      fc.constant<TargetAnswer>({ status: null, reason: 'x', stopped: false }),
    )
    const quietUntil = fc.option(fc.date({ min: new Date(0), max: new Date(NOW * 2), noInvalidDate: true }), { nil: null })
    const standings = fc.record({ state: fc.constantFrom('active' as const, 'disabled' as const), failures: fc.nat(100), quietUntil })
    fc.assert(
      fc.property(standings, answers, fc.nat(10), fc.boolean(), (standing, answer, attempts, probe) => {
        const { becomes, standing: next } = conclude({ standing, attempts, probe, answer, now: NOW, random: 0.5 })
        if (typeof becomes === 'object') expect(becomes.nextAt.getTime()).toBeGreaterThanOrEqual(NOW + 5_000)
        if (becomes !== 'dead' && next.state === standing.state)
          expect(next.quietUntil?.getTime() ?? 0).toBeGreaterThanOrEqual(standing.quietUntil?.getTime() ?? 0)
      }),
    )
  })
})
