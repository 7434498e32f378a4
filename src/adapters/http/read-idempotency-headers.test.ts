import { expect, test } from 'vitest'
import { readIdempotencyHeaders } from './read-idempotency-headers.ts'

const intent = (headers: Record<string, string>) => readIdempotencyHeaders(new Headers(headers))

test('a call that names nothing has no intent', () => {
  expect(intent({})).toEqual({})
})

test('the names of caller and host are taken as they are', () => {
  const headers = { 'Idempotency-Key': '"order-4711"', 'x-ms-action-tracking-id': '5e9c7b52-8a5c-4a7a-9d0e-3a6b0a7f1c11' }
  expect(intent(headers)).toEqual({ idempotencyKey: '"order-4711"', trackingId: '5e9c7b52-8a5c-4a7a-9d0e-3a6b0a7f1c11' })
})

test('an Idempotency-Key that cannot be used is handed on, for leaving it out could do a thing twice', () => {
  expect(intent({ 'idempotency-key': '' })).toEqual({ idempotencyKey: '' })
  expect(intent({ 'idempotency-key': 'once, twice' })).toEqual({ idempotencyKey: 'once, twice' })
})

test.each(['', 'x'.repeat(256), 'a b', 'a\u0007b', 'ü'])('the tracking id %j is ignored, for the caller cannot mend it', (id) => {
  expect(intent({ 'x-ms-action-tracking-id': id })).toEqual({})
})
