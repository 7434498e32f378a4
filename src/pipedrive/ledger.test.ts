import { expect, test } from 'vitest'
import { createLedger, createSpending } from './ledger.ts'

test('a ledger adds up calls and tokens', () => {
  const ledger = createLedger()
  ledger.add({ method: 'GET', path: '/api/v2/deals/{id}', status: 200, tokens: 1 })
  ledger.add({ method: 'GET', path: '/api/v2/stages', status: 'failed', tokens: 5 })
  expect([ledger.calls, ledger.tokens]).toEqual([2, 6])
})

test('what a ledger counts, the one that it is charged to counts too', () => {
  const call = createLedger()
  const session = createLedger(call)
  session.add({ method: 'GET', path: '/api/v2/stages', status: 200, tokens: 5 })
  call.add({ method: 'GET', path: '/v1/users/me', status: 200, tokens: 2 })
  expect([session.tokens, call.tokens, call.calls]).toEqual([5, 7, 2])
})

test('spending is counted per account and operation', () => {
  const spending = createSpending()
  const ledger = createLedger()
  ledger.add({ method: 'POST', path: '/api/v2/deals', status: 200, tokens: 5 })
  for (const account of ['a', 'a', 'b']) spending.add(account, 'AddDealV2', ledger)
  spending.add('a', 'GetDeal', createLedger())
  expect(spending.all()).toEqual([
    { account: 'a', operation: 'AddDealV2', calls: 2, upstreamCalls: 2, tokens: 10 },
    { account: 'b', operation: 'AddDealV2', calls: 1, upstreamCalls: 1, tokens: 5 },
    { account: 'a', operation: 'GetDeal', calls: 1, upstreamCalls: 0, tokens: 0 },
  ])
})
