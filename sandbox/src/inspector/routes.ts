import { createHash } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { type ControlRequest, readControlRequest } from './read-control-request.ts'
import { isLanguage, type Language, preferred, textsIn } from './language.ts'
import { CONTENT_SECURITY_POLICY, ICON, inspectorPage, type Notice, partsOf, sheetPage } from './page.ts'
import { requestSheet } from './parts/requests.ts'
import { example, type PageLocale } from './parts/components.ts'
import { deliverySheet } from './parts/webhooks.ts'
import { type InspectedState, readDelivery, readRequest, readView } from './read-view.ts'
import type { Texts } from './texts/en.ts'
import type { View } from './view-model.ts'

const LANGUAGE_COOKIE = 'dealbridge_sandbox_language'
const YEAR_SECONDS = 31_536_000

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // With no-referrer the page's own forms would send `Origin: null`, like those of other sites.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

const readerOf = (c: Context): PageLocale => {
  const cookie = getCookie(c, LANGUAGE_COOKIE)
  const language: Language = isLanguage(cookie) ? cookie : preferred(c.req.header('accept-language'))
  return { language, texts: textsIn(language) }
}

const originOf = (c: Context): string => new URL(c.req.url).origin
const filterOf = (c: Context): string => (c.req.query('q') ?? '').trim()

/** The running time is not part of the tag: the page advances its own clock. */
function tagOf(view: View, { language }: PageLocale): string {
  const { frozen, nowMs, shiftMs } = view.clock
  const clock = frozen ? nowMs : Math.round(shiftMs / 1000)
  return `"${createHash('sha256')
    .update(JSON.stringify({ ...view, clock, frozen, language }))
    .digest('base64url')}"`
}

const hint = (origin: string, key: string | undefined): string => `A Pipedrive sandbox, the API is at ${origin}/api/v2

  ${example(origin, key)}

Open ${origin}/ in a browser for the inspector.
`

/**
 * The inspector: a page at the root, and its endpoints below /_sandbox/inspector. `control` is the sandbox itself, whose control endpoints the
 * buttons use.
 */
export function inspectorRoutes(state: InspectedState, control: (request: Request) => Response | Promise<Response>): Hono {
  const app = new Hono()
  const show = (c: Context, notice?: Notice) =>
    c.html(inspectorPage(readView(state, filterOf(c)), originOf(c), readerOf(c), notice), notice?.kind === 'bad' ? 400 : 200, HEADERS)

  app.get('/', (c) => {
    const accept = c.req.header('accept') ?? ''
    const key = state.world.keys().next().value
    if (accept.includes('application/json')) return c.json({ api: `${originOf(c)}/api/v2`, keys: [...state.world.keys()] }, 200, HEADERS)
    if (!accept.includes('text/html')) return c.text(hint(originOf(c), key), 200, HEADERS)
    const language = c.req.query('lang')
    if (isLanguage(language)) {
      setCookie(c, LANGUAGE_COOKIE, language, { path: '/', sameSite: 'Strict', httpOnly: true, maxAge: YEAR_SECONDS })
      return c.redirect('/', 303)
    }
    const { texts } = readerOf(c)
    const done = c.req.query('done') ?? ''
    return show(c, Object.hasOwn(texts.done, done) ? { kind: 'good', text: texts.done[done as keyof Texts['done']] } : undefined)
  })

  // Browsers request it automatically; it stays out of the request log.
  app.get('/favicon.ico', (c) => c.body(ICON, 200, { 'content-type': 'image/svg+xml', 'cache-control': 'max-age=86400' }))

  const inspectorApp = new Hono()
  const update = (c: Context, reader: PageLocale, notice?: Notice) => {
    const view = readView(state, filterOf(c))
    const etag = tagOf(view, reader)
    const headers = { ...HEADERS, etag }
    if (!notice && c.req.header('if-none-match') === etag) return c.body(null, 304, headers)
    const parts = Object.fromEntries(Object.entries(partsOf(view, originOf(c), reader)).map(([id, part]) => [id, String(part)]))
    return c.json({ parts, ...(notice && { notice }) }, 200, headers)
  }
  inspectorApp.get('/parts', (c) => update(c, readerOf(c)))

  inspectorApp.get('/requests/:id', (c) => {
    const reader = readerOf(c)
    const { requests } = reader.texts
    const found = readRequest(state, Number(c.req.param('id')))
    const body = found ? requestSheet(found.request, found.body, reader) : requests.gone
    return c.html(sheetPage(requests.details, body, reader), found ? 200 : 404, HEADERS)
  })
  inspectorApp.get('/deliveries/:id', (c) => {
    const reader = readerOf(c)
    const { webhooks } = reader.texts
    const found = readDelivery(state, c.req.param('id'))
    const body = found ? deliverySheet(found.delivery, found.payload, reader) : webhooks.gone
    return c.html(sheetPage(webhooks.details, body, reader), found ? 200 : 404, HEADERS)
  })

  /** Returns the error; undefined after a success. */
  async function sendToControl({ method, path, body }: ControlRequest, origin: string): Promise<string | undefined> {
    const headers = { 'content-type': 'application/json' }
    const answer = await control(
      new Request(`${origin}/_sandbox${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }),
    )
    if (answer.ok) return undefined
    const failure = (await answer.json().catch(() => ({}))) as { error?: string }
    return failure.error ?? String(answer.status)
  }
  inspectorApp.post('/act', async (c) => {
    const reader = readerOf(c)
    const { texts } = reader
    const controlRequest = readControlRequest(new URLSearchParams(await c.req.text()))
    const problem = controlRequest ? await sendToControl(controlRequest, originOf(c)) : ''
    const wantsJson = c.req.header('accept') === 'application/json'
    if (!controlRequest || problem !== undefined) {
      const notice: Notice = { kind: 'bad', text: `${texts.failed} ${problem}` }
      return wantsJson ? update(c, reader, notice) : show(c, notice)
    }
    if (wantsJson) return update(c, reader, { kind: 'good', text: texts.done[controlRequest.done] })
    return c.redirect(`/?done=${controlRequest.done}`, 303)
  })

  app.route('/_sandbox/inspector', inspectorApp)
  return app
}
