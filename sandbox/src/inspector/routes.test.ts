import { expect, test } from 'vitest'
import { switches } from '../behaviour.ts'
import { createSandbox } from '../sandbox.ts'
import { preferred, textsIn } from './language.ts'
import { jaSwitches } from './texts/ja-behaviour.ts'

const sandbox = createSandbox()
const BROWSER = { accept: 'text/html,application/xhtml+xml', host: '127.0.0.1:8081' }
const ask = (path: string, headers: Record<string, string> = BROWSER, body?: URLSearchParams) =>
  sandbox.fetch(new Request(`http://127.0.0.1:8081${path}`, { headers, redirect: 'manual', ...(body && { method: 'POST', body }) }))
const act = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  ask('/_sandbox/inspector/act', { ...BROWSER, ...headers }, new URLSearchParams(fields))
const api = (path: string) => sandbox.fetch(new Request(`http://sandbox/api/v2${path}`, { headers: { 'x-api-token': 'sandbox-alice' } }))

test('the root is a page for browsers and a hint for other clients; neither is logged', async () => {
  sandbox.reset()
  const page = await ask('/')
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(await page.text()).toMatch(/^<!doctype html>/)
  expect(await (await ask('/', {})).text()).toContain(
    `curl -s 'http://127.0.0.1:8081/api/v2/deals?limit=3' -H 'x-api-token: sandbox-alice'`,
  )
  expect(await (await ask('/', { accept: 'application/json' })).json()).toMatchObject({ api: 'http://127.0.0.1:8081/api/v2' })
  expect((await ask('/favicon.ico')).status).toBe(200)
  expect(sandbox.requests()).toEqual([])
})

test('the page lets nothing in: no other script or style, nothing from elsewhere, no frame around it', async () => {
  const { headers } = await ask('/')
  const policy = headers.get('content-security-policy')!
  expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[\w+/=]{44}'; style-src 'sha256-[\w+/=]{44}'; /)
  expect(policy).toContain(`frame-ancestors 'none'`)
  expect(policy).not.toMatch(/unsafe|\*/)
  expect(headers.get('cache-control')).toBe('no-store')
})

test.each([
  ['ja', 'ja'],
  ['ja-JP,ja;q=0.9,en;q=0.8', 'ja'],
  ['en;q=0.5, ja', 'ja'],
  ['de, ja;q=0.3, en;q=0.4', 'en'],
  ['ja;q=0', 'en'],
  ['*', 'en'],
  ['', 'en'],
  [undefined, 'en'],
])('Accept-Language %j selects %s', (header, language) => {
  expect(preferred(header)).toBe(language)
})

test('a chosen language stays chosen', async () => {
  const chosen = await ask('/?lang=ja')
  expect(chosen.status).toBe(303)
  const cookie = chosen.headers.get('set-cookie')!
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict$/)
  const page = await ask('/', { ...BROWSER, 'accept-language': 'en', cookie: cookie.split(';')[0]! })
  expect(await page.text()).toContain('<html lang="ja">')
  expect((await ask('/?lang=tlh')).headers.get('set-cookie')).toBeNull()
})

test('every switch has a Japanese description', () => {
  expect(Object.keys(switches).filter((name) => !Object.hasOwn(jaSwitches, name))).toEqual([])
})

test('without news the answer is empty, and time alone is no news', async () => {
  sandbox.reset()
  const first = await ask('/_sandbox/inspector/parts')
  const again = { ...BROWSER, 'if-none-match': first.headers.get('etag')! }
  expect((await ask('/_sandbox/inspector/parts', again)).status).toBe(304)
  expect((await ask('/_sandbox/inspector/parts', { ...again, 'accept-language': 'ja' })).status).toBe(200)
  await api('/deals/1')
  const news = await ask('/_sandbox/inspector/parts', again)
  expect(((await news.json()) as { parts: Record<string, string> }).parts['requests']).toContain('/api/v2/deals/1')
})

test('the latest 100 requests are shown, and those that fit the filter', async () => {
  sandbox.reset()
  for (let id = 1; id <= 105; id++) await api(`/deals/${id}`)
  const page = await (await ask('/')).text()
  expect(page.match(/id="request-/g)).toHaveLength(100)
  expect(page).toContain('latest 100 of 105')
  const found = await (await ask('/?q=deals/7+200')).text()
  expect(found).toContain('id="request-7"')
  expect(found).not.toContain('id="request-8"')
})

test('a form without a script is answered with the way back, and what went wrong with what went wrong', async () => {
  sandbox.reset()
  const done = await act({ clock: 'freeze' })
  expect([done.status, done.headers.get('location')]).toEqual([303, '/?done=clock'])
  expect(await (await ask('/?done=clock')).text()).toContain(textsIn('en').done.clock)
  expect(await (await ask('/?done=constructor')).text()).not.toContain('native code')
  for (const fields of [
    { clock: 'advance -5' },
    { clock: 'stop' },
    { fault: 'none' },
    { unfault: '99' },
    { unfault: '../reset' },
    { resend: '1-1' },
    { limits: 'maybe' },
    {},
  ]) {
    const failed = await act(fields as Record<string, string>)
    expect(failed.status).toBe(400)
    expect(await failed.text()).toContain('data-kind="bad"')
  }
})

test('switches keep the types of their values', async () => {
  sandbox.reset()
  await act({ behaviour: 'apply', 'switch.createStatus': '201', 'switch.limits': '"on"' })
  expect(sandbox.behaviour).toMatchObject({ createStatus: 201, limits: 'on' })
  expect((await act({ behaviour: 'apply', 'switch.createStatus': '{' })).status).toBe(400)
  expect((await act({ behaviour: 'apply', 'switch.noSuch': '1' })).status).toBe(400)
})

test.each(['/_sandbox/reset', '/_sandbox/clock', '/_sandbox/behaviour', '/_sandbox/faults', '/_sandbox/inspector/act'])(
  'a page of another site cannot post to %s',
  async (path) => {
    const foreign = { ...BROWSER, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    expect((await ask(path, foreign, new URLSearchParams({ clock: 'freeze' }))).status).toBe(403)
  },
)

test.each(['/', '/_sandbox/requests', '/_sandbox/inspector/parts', '/_sandbox/webhooks'])(
  '%s cannot be read with a foreign host name',
  async (path) => {
    expect((await ask(path, { ...BROWSER, host: 'evil.example:8081' })).status).toBe(403)
  },
)

test('further host names can be configured', async () => {
  const named = createSandbox({ hosts: ['sandbox'] })
  const status = async (host: string) => (await named.fetch(new Request('http://sandbox/_sandbox/requests', { headers: { host } }))).status
  expect([await status('sandbox:8081'), await status('sandbox2')]).toEqual([200, 403])
})
