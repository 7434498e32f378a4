import { expect, test } from 'vitest'
import { StoreUnavailable } from './errors/store-unavailable.ts'
import { storeReason } from './store-reason.ts'

const refused = (address: string) => new Error(`connect ECONNREFUSED ${address}`)

test.each([
  ['a driver', refused('10.0.0.3:5432'), 'connect ECONNREFUSED 10.0.0.3:5432'],
  [
    'several addresses',
    new AggregateError([refused('::1:5432'), refused('127.0.0.1:5432')]),
    /^connect .*::1:5432; connect .*127.0.0.1:5432$/,
  ],
  ['a code without words', Object.assign(new Error(), { code: 'ETIMEDOUT' }), 'ETIMEDOUT'],
  ['nothing', undefined, 'no reason is known'],
])('behind the neutral words of an unavailable store stands what %s said', (_, cause, reason) => {
  expect(storeReason(new StoreUnavailable(cause))).toEqual(reason instanceof RegExp ? expect.stringMatching(reason) : reason)
})

test('any other error speaks for itself', () => {
  expect(storeReason(new Error('duplicate key'))).toBe('duplicate key')
})
