import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TargetResponse } from './targets/target-client.ts'
import { classifyResponse } from './classify-response.ts'

const said = (status: number, body: unknown = '', retryAfter?: string): TargetResponse => ({
  status,
  retryAfter,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const flow = (status: number, code: string, message?: string) => said(status, { error: { code, message } })
const DISABLED = "Could not execute workflow trigger 'manual' in state 'Disabled': trigger is not enabled."

describe('what an answer means', () => {
  test.each([200, 201, 202, 204, 299])('%s is delivered, whatever the body says', (status) =>
    expect(classifyResponse(flow(status, 'WorkflowNotFound'))).toEqual({ kind: 'delivered' }),
  )

  test.each<[string, TargetResponse, string]>([
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
    ['no answer', { status: null, reason: 'no response within 15 s', stopped: false }, 'failed'],
  ])('%s', (_, answer, kind) => expect(classifyResponse(answer).kind).toBe(kind))

  test('every reason is a text for people, without what the receiver made up', () => {
    const evil = flow(400, 'Evil <script>\nx', 'y')
    expect(classifyResponse(evil)).toEqual({ kind: 'failed', reason: 'the endpoint answered 400', slower: false })
    expect(classifyResponse(flow(400, 'TriggerInputSchemaMismatch'))).toMatchObject({
      reason: 'the endpoint answered 400 TriggerInputSchemaMismatch',
    })
  })

  test('no body, however strange, is an error of ours', () => {
    const bodies = fc.oneof(fc.string(), fc.json(), fc.constant('['.repeat(65_536)), fc.constant('{"error":null}'), fc.constant('null'))
    fc.assert(
      fc.property(fc.constantFrom(400, 404, 500), bodies, (status, body) => {
        expect(['failed', 'disabled', 'gone']).toContain(classifyResponse(said(status, body)).kind)
      }),
    )
  })
})
