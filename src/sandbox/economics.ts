import type { Behaviour } from './behaviour.ts'
import type { Key } from './state/company.ts'

/** A burst is counted in windows of 2 s, from the first call on. */
const BURST_SECONDS = 2
/** A day's tokens per active user, times the plan's multiplier. */
const TOKENS_PER_SEAT = 30_000
const DAY_MS = 86_400_000

/** A Charge is what one call did to the limits: the headers that tell it, and whether it is refused. */
export interface Charge {
  headers: Record<string, string>
  refused: boolean
}

/** A Meter counts calls per key and tokens per company. */
export interface Meter {
  charge(account: Key, tokens: number, nowMs: number, limits: Behaviour['limits']): Charge
}

export const dailyTokens = ({ company }: Key): number =>
  TOKENS_PER_SEAT * company.plan.multiplier * [...company.users.values()].filter((user) => user.active_flag).length

export function createMeter(): Meter {
  const windows = new Map<string, { startMs: number; calls: number }>()
  const days = new Map<number, { day: number; tokens: number }>()

  return {
    charge(account, price, nowMs, limits) {
      const { key, company } = account
      let window = windows.get(key)
      if (!window || nowMs - window.startMs >= BURST_SECONDS * 1000) windows.set(key, (window = { startMs: nowMs, calls: 0 }))
      const today = Math.floor(nowMs / DAY_MS)
      let day = days.get(company.id)
      if (day?.day !== today) days.set(company.id, (day = { day: today, tokens: 0 }))

      const budget = dailyTokens(account)
      const refused = limits === 'on' && (window.calls >= company.plan.burst || day.tokens + price > budget)
      // A day whose rest does not pay for the call is over: that is how a 429 of the day is told from one of the burst.
      if (limits === 'on' && day.tokens + price > budget) day.tokens = budget
      if (!refused) {
        window.calls++
        day.tokens += price
      }
      // Clients pace themselves by what is left: without refusals there is nothing to be paced for.
      const [burstLeft, dayLeft] =
        limits === 'on'
          ? [company.plan.burst - window.calls, budget - day.tokens]
          : [company.plan.burst - 1, Math.max(1, budget - day.tokens)]
      return {
        refused,
        headers: {
          'x-ratelimit-limit': String(company.plan.burst),
          'x-ratelimit-remaining': String(burstLeft),
          'x-ratelimit-reset': String(Math.ceil((window.startMs + BURST_SECONDS * 1000 - nowMs) / 1000)),
          'x-daily-ratelimit-token-limit': String(budget),
          'x-daily-ratelimit-token-remaining': String(dayLeft),
        },
      }
    },
  }
}
