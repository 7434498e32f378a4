import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TargetResponse } from './targets/target-client.ts'
import { classifyResponse } from './classify-response.ts'

const responseOf = (status: number, body: unknown = '', retryAfter?: string): TargetResponse => ({
  status,
  retryAfter,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const flow = (status: number, code: string, message?: string) => responseOf(status, { error: { code, message } })
const DISABLED = "Could not execute workflow trigger 'manual' in state 'Disabled': trigger is not enabled."

describe('the meaning of a response', () => {
  test.each([200, 201, 202, 204, 299])('%s is delivered, regardless of the body', (status) =>
    expect(classifyResponse(flow(status, 'WorkflowNotFound'))).toEqual({ kind: 'delivered' }),
  )

  test.each<[string, TargetResponse, string]>([
    ['a flow that is turned off', flow(400, 'WorkflowTriggerIsNotEnabled', DISABLED), 'disabled'],
    ['one that is suspended', flow(400, 'WorkflowTriggerIsNotEnabled', "in state 'Suspended'"), 'disabled'],
    ['one without a message', flow(400, 'WorkflowTriggerIsNotEnabled'), 'disabled'],
    ['an error without its envelope', responseOf(400, { code: 'WorkflowTriggerIsNotEnabled', message: DISABLED }), 'disabled'],
    ['a deleted flow', flow(400, 'WorkflowTriggerIsNotEnabled', "in state 'Deleted'"), 'gone'],
    ['an unknown flow', flow(404, 'WorkflowNotFound'), 'gone'],
    ['410', responseOf(410), 'gone'],
    ['a bare 404', responseOf(404), 'failed'],
    ['a 404 of a gateway', responseOf(404, '<html>WorkflowNotFound</html>'), 'failed'],
    ['a 404 with another code', flow(404, 'ResourceNotFound'), 'failed'],
    ['a 500 with the body of a 404', flow(500, 'WorkflowNotFound'), 'failed'],
    ['a 403 with the body of a 400', flow(403, 'WorkflowTriggerIsNotEnabled', DISABLED), 'failed'],
    ['a schema that does not fit', flow(400, 'TriggerInputSchemaMismatch'), 'failed'],
    ['a redirect', responseOf(302), 'failed'],
    ['no answer', { status: null, reason: 'no response within 15 s', stopped: false }, 'failed'],
  ])('%s', (_, answer, kind) => expect(classifyResponse(answer).kind).toBe(kind))

  test('a reason is readable text, without text that the endpoint invented', () => {
    const evil = flow(400, 'Evil <script>\nx', 'y')
    expect(classifyResponse(evil)).toEqual({ kind: 'failed', reason: 'the endpoint answered 400', slower: false })
    expect(classifyResponse(flow(400, 'TriggerInputSchemaMismatch'))).toMatchObject({
      reason: 'the endpoint answered 400 TriggerInputSchemaMismatch',
    })
  })

  test('no body causes an internal error', () => {
    const bodies = fc.oneof(fc.string(), fc.json(), fc.constant('['.repeat(65_536)), fc.constant('{"error":null}'), fc.constant('null'))
    fc.assert(
      fc.property(fc.constantFrom(400, 404, 500), bodies, (status, body) => {
        expect(['failed', 'disabled', 'gone']).toContain(classifyResponse(responseOf(status, body)).kind)
      }),
    )
  })
})
