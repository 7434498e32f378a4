import { expect, test } from 'vitest'
import { ApiKeyMissing } from '../../connections/errors/api-key-missing.ts'
import type { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { readCredential } from './read-credential.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const keyOf = (headers: Record<string, string>): string => readCredential(new Headers(headers)).key!.reveal()
const refusal = (headers: Record<string, string>): DealbridgeError => {
  try {
    if (!readCredential(new Headers(headers)).key) throw new ApiKeyMissing()
  } catch (error) {
    return error as DealbridgeError
  }
  throw new Error('the key was accepted')
}

test.each([
  ['x-api-key', { 'x-api-key': 'k1' }, 'k1'],
  ['x-api-token', { 'x-api-token': 'k1' }, 'k1'],
  ['HTTP Basic, as the password', { authorization: basic('anyone:k1') }, 'k1'],
  ['HTTP Basic in lower case', { authorization: basic('anyone:k1').replace('Basic', 'basic') }, 'k1'],
  ['HTTP Basic with colons in the password', { authorization: basic('anyone:k:1') }, 'k:1'],
  ['x-api-key before x-api-token', { 'x-api-key': 'k1', 'x-api-token': 'k2' }, 'k1'],
  ['a header before HTTP Basic', { 'x-api-token': 'k1', authorization: basic('anyone:k2') }, 'k1'],
  ['x-api-token when x-api-key is blank', { 'x-api-key': ' ', 'x-api-token': 'k1' }, 'k1'],
  ['a header, whatever bearer token comes beside it', { 'x-api-key': 'k1', authorization: 'Bearer t' }, 'k1'],
  ['a bearer token that is a connection key', { authorization: 'Bearer dbk_1' }, 'dbk_1'],
  ['a bearer token in lower case', { authorization: 'bearer dbk_1' }, 'dbk_1'],
  ['a header, whatever connection key comes beside it', { 'x-api-key': 'k1', authorization: 'Bearer dbk_1' }, 'k1'],
  ['a connection key in x-api-key', { 'x-api-key': 'dbk_1' }, 'dbk_1'],
  ['a connection key as the password of HTTP Basic', { authorization: basic('anyone:dbk_1') }, 'dbk_1'],
  ['a header with blanks around', { 'x-api-key': '  k1\t' }, 'k1'],
])('the key comes from %s', (_, headers, key) => {
  expect(keyOf(headers)).toBe(key)
})

test.each([
  ['no key at all', {}, /carries no Pipedrive API key.*x-api-key.*Basic.*password/],
  ['only a user name', { authorization: basic('k1:') }, /without a password.*key as the password/],
  ['only a user name, without a colon', { authorization: basic('k1') }, /without a password/],
  ['no user name', { authorization: basic(':k1') }, /without a user name.*any user name/],
  ['Basic with nothing', { authorization: 'Basic' }, /without a password/],
  ['Basic with something that is not base64', { authorization: 'Basic ***' }, /without a password/],
  ['another bearer token', { authorization: 'Bearer secret-token' }, /no connection key: those begin with dbk_.*x-api-key/],
  ['a bearer token that is missing', { authorization: 'Bearer' }, /no connection key/],
  ['another scheme', { authorization: 'Digest x=y' }, /x-api-key/],
])('%s is a 401 that says how to send the key', (_, headers, message) => {
  const error = refusal(headers)
  expect(error).toMatchObject({ status: 401, code: 'ApiKeyMissing', source: 'connector' })
  expect(error.message).toMatch(message)
  expect(error.message).not.toMatch(/secret-token|k1/)
})

test.each([
  ['over 256 characters', { 'x-api-key': 'k'.repeat(257) }],
  ['a control character', { authorization: basic('anyone:kkk\u0007kkk') }],
  ['a line break', { authorization: basic('anyone:kkk\r\nx-injected: kkk') }],
  ['a blank', { 'x-api-key': 'kkk kkk' }],
  ['letters beyond ASCII', { authorization: basic('anyone:kkkü') }],
])('a key with %s is a 401 that does not repeat it', (_, headers) => {
  const error = refusal(headers)
  expect(error).toMatchObject({ status: 401, code: 'ApiKeyMalformed' })
  expect(error.message).not.toContain('kkk')
})

test('a key of 256 characters passes', () => {
  expect(keyOf({ 'x-api-key': 'k'.repeat(256) })).toHaveLength(256)
})

test('a request without a key yields none, for a trigger state may speak for it; the connection of its path is kept', () => {
  expect(readCredential(new Headers())).toEqual({})
  expect(readCredential(new Headers({ 'x-api-key': ' ', authorization: '' }), 'c1')).toEqual({ connectionId: 'c1' })
  expect(readCredential(new Headers({ 'x-api-key': 'k1' }), 'c1')).toMatchObject({ connectionId: 'c1', key: {} })
})
