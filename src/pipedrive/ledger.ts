/** A LedgerEntry is one upstream call that was made: its price is spent whatever the answer was. */
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

export function createLedger(): Ledger {
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
    },
  }
}
