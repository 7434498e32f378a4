import { expect, test } from 'vitest'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import { RateLimitExceeded } from '../../kit/errors/rate-limit-exceeded.ts'
import { wireError } from './wire-error.ts'

test('an error goes out with status, code, message, source, request id and the fields that are wrong', () => {
  const { body, headers } = wireError(new InvalidInput([{ field: 'stage_id', message: 'must be a whole number' }]), 'r1')
  expect(body).toEqual({
    statusCode: 400,
    code: 'InvalidInput',
    message: 'stage_id: must be a whole number',
    source: 'connector',
    requestId: 'r1',
    details: [{ field: 'stage_id', message: 'must be a whole number' }],
  })
  expect(headers).toEqual({})
})

test('our own 429 has the exact message and says in Retry-After how long to wait', () => {
  const { body, headers } = wireError(new RateLimitExceeded(42), 'r1')
  expect(body).toMatchObject({ statusCode: 429, code: 'RateLimitExceeded', message: 'Rate limit is exceeded. Try again in 42 seconds.' })
  expect(headers).toEqual({ 'retry-after': '42' })
})

test('Retry-After is rounded up to whole seconds and never 0', () => {
  const after = (seconds: number) =>
    wireError(new DealbridgeError({ status: 503, code: 'X', message: 'x', retryAfterSeconds: seconds }), 'r1').headers['retry-after']
  expect([after(1.2), after(0.1), after(0)]).toEqual(['2', '1', '1'])
})

test('every 401 says that HTTP Basic would do', () => {
  const error = new DealbridgeError({ status: 401, code: 'ApiKeyRefused', message: 'x', source: 'pipedrive' })
  expect(wireError(error, 'r1').headers['www-authenticate']).toMatch(/^Basic realm="[\x20-\x7e]+"$/)
})

test.each([new Error('password=hunter2'), 'password=hunter2', undefined, null, { password: 'hunter2' }])(
  'what is thrown unforeseen (%s) is a 500 that tells nothing but the request id',
  (thrown) => {
    const { body } = wireError(thrown, 'r1')
    expect(body).toMatchObject({ statusCode: 500, code: 'InternalError', source: 'connector', requestId: 'r1', details: [] })
    expect(JSON.stringify(body)).not.toContain('hunter2')
  },
)
