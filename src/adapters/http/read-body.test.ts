import { expect, test } from 'vitest'
import { MAX_BODY_BYTES, readBody } from './read-body.ts'

const post = (body: BodyInit | null, headers: Record<string, string> = { 'content-type': 'application/json' }): Request =>
  new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)

test.each([
  ['no body', post(null, {})],
  ['no body, but a content type', post(null, { 'content-type': 'text/plain' })],
  ['an empty body', post('', { 'content-type': 'text/plain' })],
  ['blanks only', post(' \n')],
])('%s is an empty object', async (_, request) => {
  expect(await readBody(request)).toEqual({})
})

test.each([
  'application/json',
  'Application/JSON',
  'application/json; charset=utf-8',
  'application/json;charset=ISO-8859-1',
  'application/vnd.api+json',
  'application/merge-patch+json; charset="utf-8"',
])('the content type %s passes', async (type) => {
  expect(await readBody(post('{"a":1}', { 'content-type': type }))).toEqual({ a: 1 })
})

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'text/plain; a=b/c+json',
])('a body of content type %s is a 415', async (type) => {
  await expect(readBody(post('{"a":1}', { 'content-type': type }))).rejects.toMatchObject({ status: 415, code: 'UnsupportedBody' })
})

test('a body without a content type is read as JSON', async () => {
  expect(await readBody(post(new TextEncoder().encode('{"a":1}'), {}))).toEqual({ a: 1 })
})

test('a compressed body is a 415 that says so', async () => {
  const request = post('x', { 'content-type': 'application/json', 'content-encoding': 'gzip' })
  await expect(readBody(request)).rejects.toMatchObject({ status: 415, message: expect.stringContaining('"gzip"') as string })
})

test('a body that is not UTF-8 is read in the charset that it names, and without one refused', async () => {
  const latin1 = Buffer.from('{"title":"Müller"}', 'latin1')
  expect(await readBody(post(latin1, { 'content-type': 'application/json; charset=iso-8859-1' }))).toEqual({ title: 'Müller' })
  await expect(readBody(post(latin1))).rejects.toMatchObject({ status: 400, message: expect.stringContaining('UTF-8') as string })
})

test('a byte order mark is no part of the JSON', async () => {
  expect(await readBody(post('\ufeff{"a":1}'))).toEqual({ a: 1 })
})

test('malformed JSON is a 400 that names the place and hardly anything of the text', async () => {
  const error: unknown = await readBody(post('{"title": "confidential",\n "value": oops}')).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ status: 400, code: 'InvalidBody' })
  expect((error as Error).message).toContain('line 2, column 11')
  expect((error as Error).message).not.toMatch(/confidential|oops/)
})

test.each([
  ['[1]', 'an array'],
  ['null', 'null'],
  ['"x"', 'a string'],
  ['1', 'a number'],
])('the body %s is a 400, for it is no object', async (body, what) => {
  await expect(readBody(post(body))).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining(`is ${what}, not an object`) as string,
  })
})

test('a body of exactly the limit passes, one byte more is a 413', async () => {
  const filled = (size: number): string => `{"a":"${'x'.repeat(size - 8)}"}`
  expect(await readBody(post(filled(MAX_BODY_BYTES)))).toHaveProperty('a')
  await expect(readBody(post(filled(MAX_BODY_BYTES + 1)))).rejects.toMatchObject({ status: 413, code: 'BodyTooLarge' })
})

test('an announced length over the limit is a 413 before anything is read', async () => {
  let read = false
  const stream = new ReadableStream({ pull: () => void (read = true) }, { highWaterMark: 0 })
  const request = post(stream, { 'content-type': 'application/json', 'content-length': String(MAX_BODY_BYTES + 1) })
  await expect(readBody(request)).rejects.toMatchObject({ status: 413 })
  expect(read).toBe(false)
})

test('an endless body without an announced length is read up to the limit only, then let go', async () => {
  let sent = 0
  let cancelled = false
  const chunk = new Uint8Array(65_536).fill(32)
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent += chunk.length
      controller.enqueue(chunk)
    },
    cancel: () => void (cancelled = true),
  })
  await expect(readBody(post(stream))).rejects.toMatchObject({ status: 413 })
  expect(sent).toBeLessThan(MAX_BODY_BYTES + 10 * chunk.length)
  expect(cancelled).toBe(true)
})

test('a body that breaks off is a 400', async () => {
  const stream = new ReadableStream({ start: (controller) => controller.error(new Error('socket hang up')) })
  await expect(readBody(post(stream))).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('before it was complete') as string,
  })
})

test('of a repeated key the last value counts, and __proto__ is a key like any other', async () => {
  const body = await readBody(post('{"a":1,"a":2,"__proto__":{"polluted":true}}'))
  expect(Object.keys(body)).toEqual(['a', '__proto__'])
  expect(body['a']).toBe(2)
  expect(body['polluted']).toBeUndefined()
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test.each([
  ['nested too deep', `{"title":${'['.repeat(500_000)}`, 'is nested more than 32 levels deep'],
  ['with too many values', `{"title":[${'1,'.repeat(400_000)}1]}`, 'holds more than 20,000 values'],
  [
    'with too many fields',
    JSON.stringify(Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`field ${index}`, 1]))),
    'has more than 1,000 fields',
  ],
])('a body %s is a 400 that says so', async (_, body, why) => {
  await expect(readBody(post(body))).rejects.toMatchObject({
    status: 400,
    code: 'InvalidBody',
    message: expect.stringContaining(why) as string,
  })
})
