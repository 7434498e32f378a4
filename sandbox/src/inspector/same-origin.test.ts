import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { sameOriginOnly } from './same-origin.ts'

const app = new Hono().use(sameOriginOnly(['sandbox'])).all('*', (c) => c.text('done'))
const ask = async (headers: Record<string, string>, method = 'POST') => (await app.request('/reset', { method, headers })).status

test.each([
  'localhost:8081',
  'LOCALHOST',
  'localhost.:8081',
  '127.0.0.1:8081',
  '127.8.0.1',
  '[::1]:8081',
  'db.localhost',
  '192.168.1.5:80',
  'sandbox:80',
])('the host %s is accepted', async (host) => {
  expect(await ask({ host })).toBe(200)
  expect(await ask({ host }, 'GET')).toBe(200)
})

test.each([
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'evil.example:8081',
  'notlocalhost',
  '127.0.0.1@evil.example',
  '',
])('a foreign host name (%s) is refused, for reads too', async (host) => {
  expect(await ask({ host })).toBe(403)
  expect(await ask({ host }, 'GET')).toBe(403)
})

test('programs and in-process requests, which send no Origin, may change things', async () => {
  expect(await ask({})).toBe(200)
  expect(await ask({ host: '127.0.0.1:8081' })).toBe(200)
})

const host = '127.0.0.1:8081'
test.each([
  ['of the same origin', { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }, 200],
  ['typed by the user', { 'sec-fetch-site': 'none' }, 200],
  ['of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
  ['of another site, from a browser without Sec-Fetch-Site', { origin: 'https://evil.example' }, 403],
  ['of another port of this machine', { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' }, 403],
  ['of a page without an origin', { origin: 'null' }, 403],
  ['without Origin from another site', { 'sec-fetch-site': 'cross-site' }, 403],
])('a change %s', async (_what, headers, status) => {
  expect(await ask({ host, ...headers })).toBe(status)
})

test('links from other sites may read', async () => {
  expect(await ask({ host, 'sec-fetch-site': 'cross-site' }, 'GET')).toBe(200)
})
