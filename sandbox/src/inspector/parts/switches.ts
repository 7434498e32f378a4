import { type Html, html } from '../html.ts'
import { aboutSwitch } from '../language.ts'
import type { SwitchView } from '../view-model.ts'
import { form, type PageLocale } from './components.ts'

const oneSwitch = ({ name, about, value, assumed, values }: SwitchView, { language, texts: { switches: texts } }: PageLocale): Html => html`
  <div class="switch ${value === assumed ? '' : 'changed'}">
    <label for="switch-${name}"><code>${name}</code></label>
    <select id="switch-${name}" name="switch.${name}" aria-describedby="about-${name}">
      ${values.map(
        (one) => html`<option value="${one}" ${one === value && html`selected`}>${one}${one === assumed && ` (${texts.assumed})`}</option>`,
      )}
    </select>
    <p class="about" id="about-${name}">${aboutSwitch(name, language) ?? html`<span lang="en">${about}</span>`}</p>
  </div>
`

export const switchesPart = (switches: readonly SwitchView[], reader: PageLocale): Html => {
  const { switches: texts } = reader.texts
  const changed = switches.filter(({ value, assumed }) => value !== assumed).length
  return html`
    <section class="card" id="switches" aria-labelledby="switches-heading">
      <details>
        <summary>
          <h2 id="switches-heading">${texts.heading}</h2>
          <span class="count">${texts.changed(changed)}</span>
        </summary>
        <p class="note">${texts.note}</p>
        ${form(html`
          <div class="switches">${switches.map((one) => oneSwitch(one, reader))}</div>
          <p class="apply"><button class="main" name="behaviour" value="apply">${texts.apply}</button></p>
        `)}
      </details>
    </section>
  `
}
