import { type Html, html } from '../html.ts'
import { type Preset, type PresetGroup, presetGroups } from '../fault-presets.ts'
import type { AccountView, BudgetView, FaultView, View } from '../view-model.ts'
import { card, faultText, form, formatNumber, type PageLocale } from './components.ts'

/** The meter turns amber and red from these shares of the budget on. */
const [HIGH, CRITICAL] = [0.75, 0.95]

const budget = ({ company, plan, spent, limit }: BudgetView, { texts, language }: PageLocale): Html => {
  const of = texts.budgets.of(formatNumber(spent, language), formatNumber(limit, language))
  const share = Math.min(1, spent / limit)
  const kind = share >= CRITICAL ? 'bad' : share >= HIGH ? 'warn' : 'good'
  return html`
    <li>
      <div class="split"><strong>${company}</strong><span class="soft">${texts.accounts.plan(plan)}</span></div>
      <svg
        class="meter ${kind}"
        viewBox="0 0 100 1"
        preserveAspectRatio="none"
        role="meter"
        aria-label="${company}: ${texts.budgets.day}"
        aria-valuemin="0"
        aria-valuemax="${limit}"
        aria-valuenow="${spent}"
        aria-valuetext="${of}"
      >
        <rect width="${(share * 100).toFixed(2)}" height="1" />
      </svg>
      <div class="split soft"><span>${of}</span><span>${texts.budgets.left(formatNumber(Math.max(0, limit - spent), language))}</span></div>
    </li>
  `
}

export const budgetsPart = (budgets: readonly BudgetView[], limits: View['limits'], reader: PageLocale): Html => {
  const { budgets: texts } = reader.texts
  const on = limits === 'on'
  return card(
    { id: 'budgets', heading: texts.heading, aside: texts.day },
    html`
      <p class="note">${on ? texts.refusing : texts.counting}</p>
      <ul class="list">
        ${budgets.map((one) => budget(one, reader))}
      </ul>
      ${form(html`<p class="after"><button name="limits" value="${on ? 'off' : 'on'}">${on ? texts.count : texts.enforce}</button></p>`)}
    `,
  )
}

const account = ({ key, user, isAdmin, company, plan }: AccountView, { texts: { accounts: texts } }: PageLocale): Html => html`
  <li>
    <div class="split"><strong>${user}</strong><span class="soft">${isAdmin ? texts.administrator : texts.user}</span></div>
    <p class="soft">${company}, ${texts.plan(plan)}</p>
    <div class="key">
      <code>${key}</code>
      <button
        type="button"
        class="small scripted"
        data-copy="${key}"
        data-copied="${texts.copied(user)}"
        aria-label="${texts.copyKey(user)}"
      >
        ${texts.copy}
      </button>
    </div>
  </li>
`

export const accountsPart = (accounts: readonly AccountView[], reader: PageLocale): Html =>
  card(
    { id: 'accounts', heading: reader.texts.accounts.heading },
    html`<ul class="list">
      ${accounts.map((one) => account(one, reader))}
    </ul>`,
  )

const fault = ({ id, name, matches, left }: FaultView, { texts }: PageLocale): Html => {
  const { faults } = texts
  const what = faultText(name, texts)
  return html`
    <li id="fault-${id}" class="split">
      <span>
        <strong>${what}</strong>
        <span class="soft"
          >${matches ? html`<code>${matches}</code>` : faults.any} ${left === null ? faults.always : faults.left(left)}</span
        >
      </span>
      <button class="small" name="unfault" value="${id}" aria-label="${faults.removeThis(what)}">${faults.remove}</button>
    </li>
  `
}

const presetRow = ([group, rules]: [string, object], { texts }: PageLocale): Html => {
  const label = texts.presetGroups[group as PresetGroup]
  return html`
    <p class="soft" aria-hidden="true">${label}</p>
    <div class="presets" role="group" aria-label="${label}">
      ${(Object.keys(rules) as Preset[]).map(
        (preset) =>
          html`<button name="fault" value="${preset}" aria-label="${label}: ${texts.presets[preset]}">${texts.presets[preset]}</button>`,
      )}
    </div>
  `
}

export const faultsPart = (faults: readonly FaultView[], reader: PageLocale): Html => {
  const { faults: texts } = reader.texts
  const set = html`<div id="faults-set">
    <ul class="list">
      ${faults.map((one) => fault(one, reader))}
    </ul>
    ${faults.length > 1 && html`<p class="after"><button class="small" name="unfault" value="all">${texts.removeAll}</button></p>`}
  </div>`
  return card(
    { id: 'faults', heading: texts.heading, aside: faults.length > 0 && texts.set(faults.length) },
    form(html`
      ${faults.length === 0 ? html`<p class="note" id="faults-none">${texts.none}</p>` : set}
      <div id="presets">${Object.entries(presetGroups).map((entry) => presetRow(entry, reader))}</div>
    `),
  )
}

/** Inside a summary, to prevent an accidental reset. */
export const resetPart = ({ texts: { reset: texts } }: PageLocale): Html => html`
  <section class="card" id="reset" aria-labelledby="reset-heading">
    <details>
      <summary><h2 id="reset-heading">${texts.heading}</h2></summary>
      <p class="note">${texts.note}</p>
      ${form(html`<button name="reset" value="all">${texts.reset}</button>`)}
    </details>
  </section>
`
