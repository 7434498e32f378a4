import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import * as v1 from 'pipedrive/v1'
import * as v2 from 'pipedrive/v2'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually, PATIENCE_MS } from '../../src/kit/eventually.fixture.ts'
import { createSandbox, type Sandbox, serveSandbox, type ServedSandbox } from '../../sandbox/src/index.ts'
import { needs } from '../needs.ts'
import { HOW_TO_GET_CHROMIUM, hasChromium, launch, type OpenPage, openPage } from './browser.ts'
import { type WebhookReceiver, startReceiver } from './receiver.ts'
import { lowContrastTexts } from './contrast.ts'

needs('the inspector in a browser', hasChromium, HOW_TO_GET_CHROMIUM, () => {
  let browser: Browser
  let sandbox: Sandbox
  let server: ServedSandbox
  let receiver: WebhookReceiver
  let opened: OpenPage[] = []

  beforeAll(async () => void (browser = await launch()))
  afterAll(() => browser.close())
  beforeEach(async () => {
    sandbox = createSandbox()
    server = await serveSandbox({ sandbox, port: 0 })
    receiver = await startReceiver()
  })
  afterEach(async () => {
    const complaints = opened.flatMap((one) => one.complaints)
    await Promise.all(opened.map(({ context }) => context.close()))
    opened = []
    receiver.close()
    await server.close()
    expect(complaints).toEqual([])
  })

  async function open(options: BrowserContextOptions = {}, path = '/'): Promise<Page> {
    const one = await openPage(browser, server.url + path, options)
    opened.push(one)
    return one.page
  }
  const deals = () => new v2.DealsApi(new v2.Configuration({ apiKey: 'sandbox-alice', basePath: `${server.url}/api/v2` }))
  const webhooks = () => new v1.WebhooksApi(new v1.Configuration({ apiKey: 'sandbox-alice', basePath: `${server.url}/api/v1` }))
  const watchDeals = () =>
    webhooks().addWebhook({
      AddWebhookRequest: { name: 'Deals', subscription_url: receiver.url, event_action: 'create', event_object: 'deal' },
    })
  const requests = (page: Page) => page.locator('#requests tbody tr')
  const deliveries = (page: Page) => page.locator('#webhooks tbody tr')
  type Source = Locator | (() => Promise<string | null>)
  const tidy = (source: Source) => async () =>
    ((await (typeof source === 'function' ? source() : source.textContent())) ?? '').replace(/\s+/g, ' ').trim()
  async function is(source: Source, expected: string): Promise<void> {
    await eventually(async () => expect(await tidy(source)()).toBe(expected))
  }
  async function says(source: Source, expected: string | RegExp): Promise<void> {
    await eventually(async () => expect(await tidy(source)()).toMatch(expected))
  }
  const press = async (page: Page, name: string, key = 'Enter') => {
    await page.getByRole('button', { name, exact: true }).focus()
    await page.keyboard.press(key)
  }

  test('shows a request made by the official client while the page is open, with its price and its body', async () => {
    const page = await open()
    await says(page.locator('#requests'), 'No request yet')
    const { data } = await deals().addDeal({ AddDealRequest: { title: 'From the client' } })
    await deals().getDeal({ id: data!.id! })
    await says(requests(page).nth(0), /GET \/api\/v2\/deals\/\d+ 200 1 Alice Andersson/)
    await says(requests(page).nth(1), /POST \/api\/v2\/deals 20\d 5 Alice Andersson/)
    await says(page.locator('#news'), 'GET /api/v2/deals/')
    await page.getByRole('link', { name: '/api/v2/deals', exact: true }).press('Enter')
    await says(page.getByRole('dialog'), '"title":"From the client"')
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').isVisible()).toBe(false)
  })

  test('shows a delivery with its retries as the clock is advanced, and sends it again', async () => {
    receiver.status = 503
    await watchDeals()
    const page = await open()
    await says(page.locator('#webhooks'), 'create.deal')
    await press(page, 'Freeze')
    await deals().addDeal({ AddDealRequest: { title: 'Watched' } })
    const pills = deliveries(page).first().locator('.attempts [aria-hidden]')
    const attempts = async () => (await pills.allTextContents()).join(' ')
    await is(attempts, '503')
    await press(page, '3 s')
    await is(attempts, '503 503')
    await press(page, '30 s')
    await is(attempts, '503 503 503')
    await says(deliveries(page).first(), 'Pending')
    receiver.status = 204
    await press(page, '150 s')
    await is(attempts, '503 503 503 204')
    await says(deliveries(page).first(), 'Delivered')
    expect(receiver.bodies).toHaveLength(4)

    await deliveries(page)
      .first()
      .getByRole('button', { name: /^Resend create.deal/ })
      .press('Space')
    await is(page.locator('#notice'), 'The delivery is sent again.')
    await eventually(() => expect(receiver.bodies.length).toBe(5))
    await deliveries(page).last().getByRole('link').press('Enter')
    await says(page.getByRole('dialog'), '"title": "Watched"')
  })

  test('shows the result of an action that takes longer than the refresh interval', async () => {
    await watchDeals()
    await sandbox.clock.settle()
    const page = await open()
    await press(page, 'Freeze')
    await is(page.locator('#clock-state'), 'Frozen')
    await is(page.locator('#notice'), 'The clock was set.')
    receiver.delayMs = 1_500
    receiver.status = 500
    await deals().addDeal({ AddDealRequest: { title: 'Slow' } })
    await press(page, '3 s')
    await is(page.locator('#notice'), '')
    await says(deliveries(page).first(), 'next at')
    await is(page.locator('#notice'), 'The clock was set.')
  })

  test('works with the keyboard alone, and keeps the focus while it changes', async () => {
    const page = await open()
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.replace(/\s+/g, ' ').trim() ?? null)
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the requests')
    const reached: (string | null)[] = []
    const wasLast = () => reached.filter((text) => text === 'Reset').length === 2
    for (let tabs = 0; tabs < 80 && !wasLast(); tabs++) {
      await page.keyboard.press('Tab')
      reached.push(await focused())
    }
    for (const name of ['Pause updates', '日本語', 'Freeze', '30 min', 'Enforce limits', 'Copy', '503, no body'])
      expect(reached).toContain(name)

    await press(page, 'Freeze')
    await is(page.locator('#clock-state'), 'Frozen')
    expect(sandbox.clock.frozen).toBe(true)
    await is(focused, 'Resume')
    const before = sandbox.clock.now()
    await press(page, '1 day', 'Space')
    await says(page.locator('#clock-date'), new Date(before + 86_400_000).toISOString().slice(0, 10))
    expect(sandbox.clock.now()).toBe(before + 86_400_000)
    await press(page, 'Resume')
    await is(page.locator('#clock-state'), 'Running')
    expect(sandbox.clock.frozen).toBe(false)

    await press(page, 'Next request: 500')
    await says(page.locator('#faults-set'), '500 any request once')
    await expect(deals().getDeals({})).rejects.toMatchObject({ errorCode: 500 })
    await says(requests(page).first(), '500')
    await press(page, 'One request in five: 500')
    await page.getByRole('button', { name: 'Remove all' }).press('Enter')
    await says(page.locator('#faults'), 'No faults are set')
    expect(sandbox.faults.list()).toEqual([])

    await press(page, 'Enforce limits')
    await says(page.locator('#budgets'), 'Limits are enforced')
    expect(sandbox.behaviour.limits).toBe('on')

    await page.locator('#switches summary').press('Enter')
    await page.getByLabel('createStatus', { exact: true }).focus()
    for (const key of ['ArrowDown', 'ArrowUp', 'ArrowDown']) await page.keyboard.press(key)
    await press(page, 'Apply')
    await is(page.locator('#notice'), 'The behaviour was changed.')
    expect(sandbox.behaviour.createStatus).toBe(201)

    await page.locator('#reset summary').press('Enter')
    await press(page, 'Reset everything')
    await says(page.locator('#requests'), 'No request yet')
    expect(sandbox.requests()).toEqual([])
    await is(() => page.getByLabel('createStatus', { exact: true }).inputValue(), '200')
  })

  test('speaks the language of the browser, and the one that was chosen', async () => {
    const page = await open({ locale: 'ja-JP' })
    expect(await page.locator('html').getAttribute('lang')).toBe('ja')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Dealbridge サンドボックス')
    await press(page, '止める')
    await is(page.locator('#clock-state'), '停止中')
    await page.getByRole('link', { name: 'English' }).press('Enter')
    await is(page.locator('#clock-state'), 'Frozen')
    await page.reload()
    expect(await page.getByRole('heading', { level: 2, name: 'Requests' }).count()).toBe(1)
    await press(page, 'Resume')
    await is(page.locator('#notice'), 'The clock was set.')
  })

  test('shows hostile titles and paths as what they are', async () => {
    await watchDeals()
    const page = await open()
    const bait = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\u202eevil'
    await deals().addDeal({ AddDealRequest: { title: bait } })
    await fetch(`${server.url}/api/v2/deals/x?'"><svg/onload=window.hacked=1>`, { method: 'POST', headers: { 'x-api-token': '<b>' } })
    await says(requests(page).first(), 'onload=window.hacked=1')
    await deliveries(page).first().getByRole('link').press('Enter')
    await says(page.getByRole('dialog'), '<script>window.hacked=1</script>\\u202eevil')
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: '/api/v2/deals', exact: true }).press('Enter')
    await says(page.getByRole('dialog'), '<script>window.hacked=1</script>\\u202eevil')
    await page.goto(`${server.url}/?q=${encodeURIComponent(bait)}`)
    expect(await page.getByRole('searchbox').inputValue()).toContain('<script>')
    expect(await page.evaluate(() => [Reflect.get(window, 'hacked'), document.images.length])).toEqual([undefined, 0])
  })

  test('reads and works without a script', async () => {
    await deals().getDeal({ id: 1 })
    const page = await open({ javaScriptEnabled: false })
    expect(await requests(page).count()).toBe(1)
    await page.getByRole('button', { name: 'Freeze' }).click()
    expect(await page.locator('#notice').textContent()).toBe('The clock was set.')
    expect(await page.locator('#clock-state').textContent()).toBe('Frozen')
    await page.getByRole('button', { name: 'Next request: 503, no body' }).click()
    expect(await page.locator('#notice').textContent()).toBe('The fault is set.')
    await page.reload()
    expect(sandbox.faults.list()).toHaveLength(1)
    await page.getByRole('searchbox').fill('delete')
    await page.getByRole('button', { name: 'Find' }).click()
    expect(await page.locator('#requests').textContent()).toContain('No matching request')
    await page.goto(`${server.url}/_sandbox/inspector/requests/1`)
    expect(await page.locator('main').textContent()).toContain('/api/v2/deals/1')
  })

  test('filters requests, and does not update while paused', async () => {
    await deals().getDeal({ id: 1 })
    await deals()
      .getDeal({ id: 999 })
      .catch(() => undefined)
    const page = await open()
    await page.getByRole('searchbox').fill('get 404')
    await eventually(async () => expect(await requests(page).count()).toBe(1))
    await page.getByRole('searchbox').fill('')
    await eventually(async () => expect(await requests(page).count()).toBe(2))
    await press(page, 'Pause updates')
    await deals().getDeal({ id: 2 })
    await page.waitForTimeout(1_500)
    expect(await requests(page).count()).toBe(2)
    await press(page, 'Pause updates')
    await eventually(async () => expect(await requests(page).count()).toBe(3))
  })

  test('copies a key', async () => {
    const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    await page.getByRole('button', { name: 'Copy the key of Bob' }).press('Enter')
    await says(page.locator('#notice'), 'is copied')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('sandbox-bob')
  })

  test.each(['light', 'dark'] as const)('can be read in %s, on narrow screens too', async (colorScheme) => {
    receiver.status = 500
    await watchDeals()
    await deals().addDeal({ AddDealRequest: { title: 'W'.repeat(300) } })
    await fetch(`${server.url}/api/v2/${'long'.repeat(60)}`)
    await deals()
      .getDeal({ id: 999 })
      .catch(() => undefined)
    for (const locale of ['en', 'ja']) {
      const page = await open({ colorScheme, locale, viewport: { width: 320, height: 700 } })
      await page.locator('#switches summary').press('Enter')
      await page.locator('#reset summary').press('Enter')
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
      expect(await page.evaluate(lowContrastTexts)).toEqual([])
    }
  })

  test('a page of another site can change nothing', async () => {
    await deals().getDeal({ id: 1 })
    const foreign: Server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(
        `<form method="post" action="${server.url}/_sandbox/reset"><button>reset</button></form>
         <form method="post" action="${server.url}/_sandbox/inspector/act"><button name="clock" value="freeze">freeze</button></form>
         <iframe src="${server.url}/"></iframe>`,
      )
    }).listen(0, '127.0.0.1')
    await once(foreign, 'listening')
    const url = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`
    const context = await browser.newContext()
    context.setDefaultTimeout(PATIENCE_MS)
    try {
      const page = await context.newPage()
      for (const name of ['reset', 'freeze']) {
        await page.goto(url)
        const answer = page.waitForResponse((response) => response.request().method() === 'POST')
        await page.getByRole('button', { name }).click()
        expect((await answer).status()).toBe(403)
      }
      await page.goto(url)
      await page.evaluate(
        (target) => fetch(`${target}/_sandbox/clock`, { method: 'POST', mode: 'no-cors', body: '{"freeze":true}' }).then(() => undefined),
        server.url,
      )
      const framed = page.frames()[1]!
      expect(await framed.evaluate(() => document.getElementById('clock'))).toBeNull()
      const read = page.evaluate((target) => fetch(`${target}/_sandbox/requests`).then((answer) => answer.text()), server.url)
      await expect(read).rejects.toThrow('Failed to fetch')
    } finally {
      await context.close()
      foreign.closeAllConnections()
      foreign.close()
    }
    expect([sandbox.clock.frozen, sandbox.requests().length]).toEqual([false, 1])
  })

  test('an open page keeps no sandbox from closing', async () => {
    const page = await open()
    await page.waitForResponse(/parts/)
    await server.close()
    await is(page.locator('#live-text'), 'No connection')
    // It complains, rightly, until it is closed.
    await opened.pop()!.context.close()
    server = await serveSandbox({ sandbox, port: 0 })
  })
})
