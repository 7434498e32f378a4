import { createHash } from 'node:crypto'
import { type Content, type Html, html, trusted } from './html.ts'
import { type Language, languages, textsIn } from './language.ts'
import { clockPart } from './parts/clock.ts'
import { requestsPart } from './parts/requests.ts'
import { accountsPart, budgetsPart, faultsPart, resetPart } from './parts/sidebar.ts'
import type { PageLocale } from './parts/components.ts'
import { switchesPart } from './parts/switches.ts'
import { webhooksPart } from './parts/webhooks.ts'
import { script } from './script.ts'
import { style } from './style.ts'
import type { View } from './view-model.ts'

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** No external resources, no other script or style, no framing by other pages. */
export const CONTENT_SECURITY_POLICY = [
  `default-src 'none'`,
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  `connect-src 'self'`,
  `img-src 'self'`,
  `form-action 'self'`,
  `base-uri 'none'`,
  `frame-ancestors 'none'`,
].join('; ')

/** A Notice is the result of an action. */
export interface Notice {
  kind: 'good' | 'bad'
  text: string
}

/** The sections of the page that change, by element id. */
export const partsOf = (view: View, origin: string, reader: PageLocale): Record<string, Html> => ({
  requests: requestsPart(view.requests, view.accounts[0], origin, reader),
  webhooks: webhooksPart(view.webhooks, view.deliveries, reader),
  clock: clockPart(view.clock, reader),
  budgets: budgetsPart(view.budgets, view.limits, reader),
  accounts: accountsPart(view.accounts, reader),
  faults: faultsPart(view.faults, reader),
  switches: switchesPart(view.switches, reader),
})

const BRIDGE = 'M3 26h30M3 20c6 0 9-10 15-10s9 10 15 10M10 26v-9M18 26V10M26 26v-9'

const MARK = html`<svg viewBox="0 0 36 36" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" aria-hidden="true">
  <path d="${BRIDGE}" />
</svg>`

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36" fill="none" stroke="#2a9d8c" stroke-width="3" stroke-linecap="round"><path d="${BRIDGE}"/></svg>`

const shell = (title: string, { language }: PageLocale, withScript: boolean, body: Content): string =>
  String(html`
    <!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="/favicon.ico" type="image/svg+xml" />
        ${trusted(`<style>${style}</style>`)}
      </head>
      <body>
        ${body}${withScript && trusted(`<script>${script}</script>`)}
      </body>
    </html>
  `).trimStart()

const languageSwitch = ({ language }: PageLocale): Html => html`
  <span class="row">
    ${(Object.keys(languages) as Language[])
      .filter((other) => other !== language)
      .map((other) => html`<a class="tongue" href="/?lang=${other}" lang="${other}" hreflang="${other}">${textsIn(other).name}</a>`)}
  </span>
`

/** The whole page. */
export function inspectorPage(view: View, origin: string, reader: PageLocale, notice: Notice | undefined): string {
  const { texts } = reader
  const parts = partsOf(view, origin, reader)
  const sections = (['requests', 'webhooks', 'switches', 'clock', 'budgets', 'accounts', 'faults', 'reset'] as const).map(
    (id) => html`<a href="#${id}">${texts[id].heading}</a>`,
  )
  return shell(
    texts.title,
    reader,
    true,
    html`
      <a class="skip" href="#requests">${texts.skip}</a>
      <header class="top">
        <div class="brand">
          ${MARK}
          <div>
            <h1>${texts.title}</h1>
            <p>${texts.subtitle}</p>
          </div>
        </div>
        <div class="row scripted">
          <span
            class="live"
            id="live"
            data-state="on"
            data-on="${texts.live.on}"
            data-off="${texts.live.off}"
            data-lost="${texts.live.lost}"
            data-unreachable="${texts.unreachable}"
            ><span id="live-text" role="status">${texts.live.on}</span></span
          >
          <button type="button" class="small" id="pause" aria-pressed="false">${texts.live.pause}</button>
        </div>
        <p class="unscripted soft">${texts.script} <a href="/">${texts.reload}</a></p>
        ${languageSwitch(reader)}
        <nav aria-label="${texts.sections}">${sections}</nav>
      </header>
      <p class="notice" id="notice" role="status" data-kind="${notice?.kind ?? 'good'}">${notice?.text}</p>
      <p class="hidden" id="news" aria-live="polite"></p>
      <main>
        ${parts['requests']} ${parts['webhooks']} ${parts['switches']}
        <div class="side">${parts['clock']} ${parts['budgets']} ${parts['accounts']} ${parts['faults']} ${resetPart(reader)}</div>
      </main>
      <dialog id="detail" aria-labelledby="sheet-heading">
        <div class="sheet" id="sheet"></div>
      </dialog>
    `,
  )
}

/** The page of one request or delivery; the script shows its sheet in a dialog. */
export const sheetPage = (heading: string, body: Content, reader: PageLocale): string =>
  shell(
    heading,
    reader,
    false,
    html`<main class="alone">
      <a href="/">${reader.texts.back}</a>
      <div class="sheet">
        <div class="head">
          <h2 id="sheet-heading">${heading}</h2>
          <form method="dialog" class="scripted"><button>${reader.texts.close}</button></form>
        </div>
        ${body}
      </div>
    </main>`,
  )
