import { type Html, html } from '../html.ts'
import type { AccountView, RequestsView, RequestView } from '../view-model.ts'
import { card, example, faultText, formatNumber, type PageLocale, statusKind, timeTag } from './components.ts'
import type { Texts } from '../texts/en.ts'

const statusPill = (status: number | null, { requests }: Texts): Html =>
  html`<span class="pill ${status === null ? 'bad' : statusKind(status)}">${status ?? requests.noAnswer}</span>`

/** Explicit roles: narrow screens use another layout, in which browsers lose the table semantics. */
const row = ({ id, time, method, path, status, tokens, user, fault }: RequestView, { texts, language }: PageLocale): Html => html`
  <tr role="row" id="request-${id}">
    <td role="cell" class="time">${timeTag(time)}</td>
    <td role="cell" class="method">${method}</td>
    <td role="cell" class="path">
      <a href="/_sandbox/inspector/requests/${id}" data-detail>${path}</a
      >${fault !== null && html`<span class="fault">${texts.requests.fault}: ${faultText(fault, texts)}</span>`}
    </td>
    <td role="cell">${statusPill(status, texts)}</td>
    <td role="cell" class="number" data-label="${texts.requests.tokens}">${formatNumber(tokens, language)}</td>
    <td role="cell" class="user">${user ?? texts.requests.nobody}</td>
  </tr>
`

const table = (shown: readonly RequestView[], reader: PageLocale): Html => {
  const { time, method, path, status, tokens, user } = reader.texts.requests
  const heading = (text: string, kind = '') => html`<th role="columnheader" scope="col" class="${kind}">${text}</th>`
  return html`
    <table class="wide" role="table" aria-labelledby="requests-heading">
      <thead role="rowgroup">
        <tr role="row">
          ${heading(time)}${heading(method)}${heading(path)}${heading(status)}${heading(tokens, 'number')}${heading(user)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${shown.map((request) => row(request, reader))}
      </tbody>
    </table>
  `
}

export function requestsPart(
  { shown, total, filter }: RequestsView,
  account: AccountView | undefined,
  origin: string,
  reader: PageLocale,
): Html {
  const { requests: texts, live } = reader.texts
  const [latest] = shown
  const news = latest ? live.requests(total, `${latest.method} ${latest.path} ${latest.status ?? texts.noAnswer}`) : ''
  const empty = filter
    ? html`<p class="empty">${texts.noneFound}</p>`
    : html`<div class="empty">
        <p>${texts.none}</p>
        <pre>${example(origin, account?.key)}</pre>
      </div>`
  const tools = html`
    <form id="filter" method="get" action="/" role="search" class="row">
      <label for="filter-text" class="soft">${texts.filter}</label>
      <input type="search" id="filter-text" name="q" value="${filter}" placeholder="${texts.filterHint}" autocomplete="off" />
      <button class="unscripted">${texts.find}</button>
    </form>
  `
  return card(
    {
      id: 'requests',
      heading: texts.heading,
      aside: total > 0 && texts.shown(shown.length, total),
      tools,
      data: html`data-news="${news}"`,
    },
    shown.length === 0 ? empty : html`<div class="scroll">${table(shown, reader)}</div>`,
  )
}

/** The details of one request. */
export function requestSheet(
  { time, method, path, status, tokens, user, fault }: RequestView,
  body: string | undefined,
  { texts, language }: PageLocale,
): Html {
  const { requests } = texts
  return html`
    <dl class="facts">
      <dt>${requests.time}</dt>
      <dd>${time}</dd>
      <dt>${requests.path}</dt>
      <dd><code>${method} ${path}</code></dd>
      <dt>${requests.status}</dt>
      <dd>${statusPill(status, texts)}</dd>
      <dt>${requests.tokens}</dt>
      <dd>${formatNumber(tokens, language)}</dd>
      <dt>${requests.user}</dt>
      <dd>${user ?? requests.nobody}</dd>
      ${
        fault !== null &&
        html`<dt>${requests.fault}</dt>
          <dd>${faultText(fault, texts)}</dd>`
      }
    </dl>
    <h3>${requests.sent}</h3>
    ${body ? html`<pre>${body}</pre>` : html`<p class="empty">${requests.noBody}</p>`}
  `
}
