import { type Html, html } from '../html.ts'
import type { Texts } from '../texts/en.ts'
import type { ClockView } from '../view-model.ts'
import { card, form, type PageLocale } from './components.ts'

/** Useful steps: the retries of a webhook, the end of a ban, the next day's budget. */
export const STEPS_SECONDS = [3, 30, 150, 30 * 60, 86_400] as const

/** Smaller differences are not shown. */
const NOTABLE_MS = 2000

const stepText = (seconds: number, { clock }: Texts): string =>
  seconds < 600 ? clock.seconds(seconds) : seconds < 86_400 ? clock.minutes(seconds / 60) : clock.days(seconds / 86_400)

/** `1 day 3 h`: the two largest units that are not empty. */
function spanText(ms: number, { clock }: Texts): string {
  const seconds = Math.round(ms / 1000)
  const parts: [number, (count: number) => string][] = [
    [Math.floor(seconds / 86_400), clock.days],
    [Math.floor(seconds / 3600) % 24, clock.hours],
    [Math.floor(seconds / 60) % 60, clock.minutes],
    [seconds % 60, clock.seconds],
  ]
  return parts
    .filter(([count]) => count > 0)
    .slice(0, 2)
    .map(([count, text]) => text(count))
    .join(' ')
}

export function clockPart({ nowMs, shiftMs, frozen }: ClockView, { texts }: PageLocale): Html {
  const now = new Date(nowMs).toISOString()
  const { clock } = texts
  const shift = !frozen && Math.abs(shiftMs) >= NOTABLE_MS && clock.shifted(spanText(Math.abs(shiftMs), texts), shiftMs > 0)
  return card(
    {
      id: 'clock',
      heading: clock.heading,
      aside: html`<span class="pill ${frozen ? 'warn' : 'good'}" id="clock-state">${frozen ? clock.frozen : clock.running}</span>`,
      data: html`data-now="${nowMs}" data-frozen="${String(frozen)}"`,
    },
    form(html`
      <div class="clock">
        <p>
          <time id="clock-time" datetime="${now}">${now.slice(11, 19)}</time>
          <span class="date" id="clock-date">${now.slice(0, 10)} UTC</span>
        </p>
        <button class="main turn" name="clock" value="${frozen ? 'resume' : 'freeze'}">${frozen ? clock.resume : clock.freeze}</button>
      </div>
      <p class="note">${shift && html`${shift}<br />`}${clock.note}</p>
      <p class="soft" id="clock-advance">${clock.advance}</p>
      <div class="steps" role="group" aria-labelledby="clock-advance">
        ${STEPS_SECONDS.map((seconds) => html`<button name="clock" value="advance ${seconds}">${stepText(seconds, texts)}</button>`)}
      </div>
    `),
  )
}
