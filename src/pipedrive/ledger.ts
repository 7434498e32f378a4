import { LRUCache } from 'lru-cache'

/** A LedgerEntry is one upstream call and its cost: its price, for any answer, unless Pipedrive's gateway rejected it. */
export interface LedgerEntry {
  method: string
  /** The path with `{id}` for numbers, so that entries can be grouped. */
  path: string
  status: number | 'failed'
  tokens: number
}

/** A Ledger counts the upstream cost of one call. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[]
  readonly calls: number
  readonly tokens: number
  add(entry: LedgerEntry): void
}

/** Each entry is added to `chargedTo` too. */
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

/** AccountSpending is the upstream cost of one account's calls of one operation since the process started. */
export interface AccountSpending {
  /** A digest of the API key that is valid in this process only. */
  account: string
  operation: string
  calls: number
  upstreamCalls: number
  tokens: number
}

/** Accounts times operations; the least recently used are evicted first. */
const SPENDING_MAX = 20_000

/** Spending is the sum of all ledgers, by account and operation. */
export interface Spending {
  add(account: string, operation: string, ledger: Ledger): void
  all(): AccountSpending[]
}

export function createSpending(): Spending {
  const spent = new LRUCache<string, AccountSpending>({ max: SPENDING_MAX })
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
