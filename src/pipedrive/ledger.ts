import { LRUCache } from 'lru-cache'

/** A LedgerEntry is one upstream call that was made, and what it cost: its price, whatever the answer was, unless it was turned away at the door. */
export interface LedgerEntry {
  method: string
  /** The path with `{id}` for numbers, so that entries can be counted. */
  path: string
  status: number | 'failed'
  tokens: number
}

/** A Ledger counts what one call of ours cost upstream. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[]
  readonly calls: number
  readonly tokens: number
  add(entry: LedgerEntry): void
}

/** What it counts is counted in `chargedTo` too, at once. */
export function createLedger(chargedTo?: Ledger): Ledger {
  const entries: LedgerEntry[] = []
  let tokens = 0
  return {
    entries,
    get calls() {
      return entries.length
    },
    get tokens() {
      return tokens
    },
    add(entry) {
      entries.push(entry)
      tokens += entry.tokens
      chargedTo?.add(entry)
    },
  }
}

/** A Spent is what one account's calls of one operation have cost upstream since the process started. */
export interface AccountSpending {
  /** A digest of the API key that means nothing outside this process. */
  account: string
  operation: string
  calls: number
  upstreamCalls: number
  tokens: number
}

/** Accounts times operations; the longest unused are forgotten first. */
const SPENT_MAX = 20_000

/** Spending is the sum of all ledgers, by account and operation. */
export interface Spending {
  add(account: string, operation: string, ledger: Ledger): void
  all(): AccountSpending[]
}

export function createSpending(): Spending {
  const spent = new LRUCache<string, AccountSpending>({ max: SPENT_MAX })
  return {
    add(account, operation, { calls, tokens }) {
      const key = `${account} ${operation}`
      const before = spent.get(key) ?? { account, operation, calls: 0, upstreamCalls: 0, tokens: 0 }
      spent.set(key, {
        account,
        operation,
        calls: before.calls + 1,
        upstreamCalls: before.upstreamCalls + calls,
        tokens: before.tokens + tokens,
      })
    },
    all: () => [...spent.values()].reverse(),
  }
}
