import type { Behaviour } from './behaviour.ts'
import type { Company, ApiKey } from './state/company.ts'
import { rfc3339, wholeSeconds } from './time.ts'

const BURST_MS = 2_000
/** Searches have a separate window, the same on every plan. */
const SEARCHES = 10
/** Leads have a separate limit and no daily headers. */
const LEAD_CALLS = 5_000
/** Daily tokens per active user, before the plan's multiplier. */
const TOKENS_PER_SEAT = 30_000
/** Refusals further apart than this do not count towards the firewall. */
const HAMMERING_MS = 10_000
/** How long the firewall refuses a key (an assumption). */
const FIREWALL_MS = 60_000

/** A Charge is the effect of one call on the limits: its headers, and the refusing part if it is refused. */
export interface Charge {
  headers: Record<string, string>
  refused?: 'limit' | 'firewall'
}

export interface SpentTokens {
  company: number
  date: string
  tokens: number
}

/** A CompanyMeter is how many of its daily tokens a company has spent. */
export interface CompanyMeter {
  company: number
  name: string
  plan: string
  seats: number
  budget: number
  spent: number
}

/** QuotaSwitches are the switches that the meter reads. */
export type QuotaSwitches = Pick<Behaviour, 'limits' | 'firewallAfter'>

/** A Meter counts calls per key and tokens per company. */
export interface Meter {
  /** `path` decides which window counts the call: searches, leads or all others. */
  charge(apiKey: ApiKey, tokens: number, path: string, nowMs: number, switches: QuotaSwitches): Charge
  read(company: Company, nowMs: number): CompanyMeter
  /** Sets the tokens that a company has left today. */
  setTokensLeft(company: Company, tokens: number, nowMs: number): void
  /** The tokens spent per company and day, as JSON. The short windows are not saved. */
  save(): SpentTokens[]
  restore(spent: readonly SpentTokens[]): void
}

const seats = ({ users }: Company): number => [...users.values()].filter((user) => user.active_flag).length
export const dailyTokens = (company: Company): number => TOKENS_PER_SEAT * company.plan.multiplier * seats(company)

const SEARCH = /\/(search|find|itemSearch|itemSearch\/field)$/
const LEADS = /^(\/api)?\/v1\/leads(\/|$)/

/** CallTimes are the times of the calls in one window, oldest first. */
type CallTimes = number[]

/** Removes the calls that are outside the window. */
function expire(calls: CallTimes, nowMs: number): void {
  const isOver = (call: number) => nowMs - call >= BURST_MS || call > nowMs
  while (calls.length > 0 && isOver(calls[0]!)) calls.shift()
}

interface FirewallState {
  refusals: CallTimes
  blockedUntil: number
}

export function createMeter(): Meter {
  const windows = new Map<string, CallTimes>()
  const firewalls = new Map<string, FirewallState>()
  const days = new Map<number, { date: string; tokens: number }>()

  const callsOf = (name: string): CallTimes => {
    let calls = windows.get(name)
    if (!calls) windows.set(name, (calls = []))
    return calls
  }
  /** Days change at midnight UTC (an assumption). */
  const dayOf = (company: Company, nowMs: number) => {
    const date = rfc3339(wholeSeconds(nowMs)).slice(0, 10)
    let day = days.get(company.id)
    if (day?.date !== date) days.set(company.id, (day = { date, tokens: 0 }))
    return day
  }
  const firewallOf = (key: string): FirewallState => {
    let firewallState = firewalls.get(key)
    if (!firewallState) firewalls.set(key, (firewallState = { refusals: [], blockedUntil: 0 }))
    return firewallState
  }

  /** Counts a 429 of this key; too many of them trigger the firewall. */
  function refuse(key: string, nowMs: number, { firewallAfter }: QuotaSwitches): void {
    if (firewallAfter === 'never') return
    const firewallState = firewallOf(key)
    firewallState.refusals = [...firewallState.refusals.filter((at) => at <= nowMs && nowMs - at < HAMMERING_MS), nowMs]
    if (firewallState.refusals.length < firewallAfter) return
    firewallState.blockedUntil = nowMs + FIREWALL_MS
    firewallState.refusals = []
  }

  return {
    charge({ key, company }, price, path, nowMs, switches) {
      const on = switches.limits === 'on'
      if (on && nowMs < (firewalls.get(key)?.blockedUntil ?? 0)) return { refused: 'firewall', headers: {} }

      const leads = LEADS.test(path)
      const search = !leads && SEARCH.test(path)
      const limit = leads ? LEAD_CALLS : search ? SEARCHES : company.plan.burst
      const calls = callsOf(leads ? `leads ${key}` : search ? `search ${key}` : key)
      expire(calls, nowMs)
      const day = dayOf(company, nowMs)
      const budget = dailyTokens(company)

      const dayIsOver = day.tokens + price > budget
      const burstIsOver = calls.length >= limit
      const refused = on && (dayIsOver || burstIsOver)
      if (refused) {
        // A remainder too small for the call is lost: clients recognise a daily 429 by a remainder of 0.
        if (dayIsOver) day.tokens = budget
        refuse(key, nowMs, switches)
      } else {
        day.tokens += price
        // Without refusals the window would grow with the load.
        if (calls.length < limit) calls.push(nowMs)
      }

      const windowStart = calls[0] ?? nowMs
      const resetMs = windowStart + BURST_MS
      // Clients pace themselves by the remaining calls; without refusals they need not.
      const [callsLeft, tokensLeft] = on ? [limit - calls.length, budget - day.tokens] : [limit - 1, Math.max(1, budget - day.tokens)]
      return {
        ...(refused && { refused: 'limit' }),
        headers: {
          'x-ratelimit-limit': String(limit),
          'x-ratelimit-remaining': String(callsLeft),
          'x-ratelimit-reset': String(Math.ceil((leads ? resetMs : resetMs - nowMs) / 1000)),
          ...(!leads && {
            'x-daily-ratelimit-token-limit': String(budget),
            'x-daily-ratelimit-token-remaining': String(tokensLeft),
          }),
        },
      }
    },
    read: (company, nowMs) => ({
      company: company.id,
      name: company.name,
      plan: company.plan.name,
      seats: seats(company),
      budget: dailyTokens(company),
      spent: dayOf(company, nowMs).tokens,
    }),
    save: () => [...days].map(([company, day]) => ({ company, ...day })),
    restore(spent) {
      for (const { company, date, tokens } of spent) days.set(company, { date, tokens })
    },
    setTokensLeft(company, tokens, nowMs) {
      dayOf(company, nowMs).tokens = dailyTokens(company) - tokens
    },
  }
}
