import { type Html, html } from '../html.ts'
import type { DeliveryView, WebhookView } from '../view-model.ts'
import { card, form, type PageLocale, timeTag } from './components.ts'

const STATE_KINDS = { delivered: 'good', pending: 'warn', failed: 'bad', lost: 'bad', banned: 'bad' } as const satisfies Record<
  DeliveryView['state'],
  string
>

const attempts = (delivery: DeliveryView, { texts }: PageLocale): Html => html`
  <ol class="attempts">
    ${delivery.attempts.map(({ time, result, ok }, at) => {
      const label = texts.webhooks.attempt(at + 1, result, time.slice(11, 19))
      return html`<li>
        <span class="hidden">${label}</span><span class="pill ${ok ? 'good' : 'bad'}" title="${label}" aria-hidden="true">${result}</span>
      </li>`
    })}
  </ol>
`

const state = ({ state: is, next, resent }: DeliveryView, { texts: { webhooks: texts } }: PageLocale): Html => html`
  <span class="pill ${STATE_KINDS[is]}">${texts[is]}</span>
  ${(next || resent) && html`<span class="soft next">${next ? texts.next(next.slice(11, 19)) : texts.resent}</span>`}
`

const row = (delivery: DeliveryView, reader: PageLocale): Html => {
  const { webhooks: texts } = reader.texts
  const { id, time, event, url } = delivery
  return html`
    <tr role="row" id="delivery-${id}">
      <td role="cell" class="time">${timeTag(time)}</td>
      <td role="cell" class="path">
        <a href="/_sandbox/inspector/deliveries/${id}" data-detail>${event}</a> <span class="to">${url}</span>
      </td>
      <td role="cell">${attempts(delivery, reader)}</td>
      <td role="cell">${state(delivery, reader)}</td>
      <td role="cell" class="last">
        ${form(html`<button class="small" name="resend" value="${id}" aria-label="${texts.resendThis(event, url)}">${texts.resend}</button>`)}
      </td>
    </tr>
  `
}

const hook = ({ id, name, event, url, company, bannedUntil }: WebhookView, { texts: { webhooks: texts } }: PageLocale): Html => html`
  <li id="webhook-${id}" class="split">
    <span><strong class="mono">${event}</strong> <code class="to">${url}</code></span>
    <span
      ><span class="soft">${name}, ${company}</span>
      <span class="pill ${bannedUntil ? 'bad' : 'good'}"
        >${bannedUntil ? texts.bannedUntil(bannedUntil.slice(11, 19)) : texts.active}</span
      ></span
    >
  </li>
`

export function webhooksPart(webhooks: readonly WebhookView[], deliveries: readonly DeliveryView[], reader: PageLocale): Html {
  const { webhooks: texts, requests } = reader.texts
  const heading = (text: string) => html`<th role="columnheader" scope="col">${text}</th>`
  const table = html`
    <table class="wide" role="table" aria-labelledby="webhooks-heading">
      <thead role="rowgroup">
        <tr role="row">
          ${[requests.time, texts.event, texts.attempts, texts.state].map(heading)}
          <th role="columnheader" scope="col"><span class="hidden">${texts.resend}</span></th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${deliveries.map((delivery) => row(delivery, reader))}
      </tbody>
    </table>
  `
  return card(
    { id: 'webhooks', heading: texts.heading, aside: webhooks.length > 0 && texts.hooks(webhooks.length) },
    html`
      ${
        webhooks.length > 0 &&
        html`<ul class="list hooks">
          ${webhooks.map((one) => hook(one, reader))}
        </ul>`
      }
      ${deliveries.length > 0 ? html`<div class="scroll">${table}</div>` : html`<p class="empty">${webhooks.length > 0 ? texts.noDeliveries : texts.none}</p>`}
    `,
  )
}

/** The details of one delivery. */
export function deliverySheet(delivery: DeliveryView, payload: string, reader: PageLocale): Html {
  const { webhooks: texts, requests } = reader.texts
  const { id, time, event, url, reason, attempts: all } = delivery
  return html`
    <dl class="facts">
      <dt>${requests.time}</dt>
      <dd>${time}</dd>
      <dt>${texts.event}</dt>
      <dd><code>${event}</code></dd>
      <dt>${texts.to}</dt>
      <dd><code>${url}</code></dd>
      <dt>${texts.state}</dt>
      <dd>${state(delivery, reader)} ${reason}</dd>
      <dt>${texts.attempts}</dt>
      <dd>${all.map(({ time: at, result, ok }) => html`<div>${at} <span class="pill ${ok ? 'good' : 'bad'}">${result}</span></div>`)}</dd>
    </dl>
    <h3>${texts.payload}</h3>
    <pre>${payload}</pre>
    ${form(html`<button name="resend" value="${id}">${texts.resend}</button>`)}
  `
}
