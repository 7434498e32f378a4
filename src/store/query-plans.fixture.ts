import { DatabaseSync } from 'node:sqlite'

/** The tables that grow with use. A statement that scans one becomes slower with every event or call. */
const GROWING = [
  'events',
  'deliveries',
  'delivery_attempts',
  'inbox',
  'fingerprints',
  'intents',
  'intent_writes',
  'audit',
  'subscriptions',
  'locations',
]

/** Statements that run once at the start of a process. */
const AT_START = [/^update "intents" set "lease_until"/, /substr\("sealed_/, /^update "subscriptions" set leased_until = null/]

/** A QueryPlans records the statements of every SQLite database of this process from now on, and finds those that scan a growing table. */
export interface QueryPlans {
  /** Each as `table: statement`, but for `own` statements of the test. */
  scans(own?: readonly string[]): string[]
  stop(): void
}

export function recordQueryPlans(): QueryPlans {
  const prepare = DatabaseSync.prototype.prepare
  const found = new Map<string, string>()
  DatabaseSync.prototype.prepare = function (text, ...options) {
    if (!found.has(text) && GROWING.some((table) => text.includes(table)) && !/^\s*(create|explain|pragma)\b/i.test(text)) {
      const plan = prepare.call(this, `explain query plan ${text}`).all()
      found.set(
        text,
        scannedTable(
          text,
          plan.map(({ detail }) => String(detail)),
        ) ?? '',
      )
    }
    return prepare.call(this, text, ...options)
  }
  return {
    scans: (own = []) =>
      [...found]
        .map(([text, table]) => ({ table, text: text.replace(/\s+/g, ' ').trim() }))
        .filter(({ table, text }) => table !== '' && !own.includes(text) && !AT_START.some((known) => known.test(text)))
        .map(({ table, text }) => `${table}: ${text}`),
    stop: () => void (DatabaseSync.prototype.prepare = prepare),
  }
}

function scannedTable(text: string, plan: readonly string[]): string | undefined {
  const scanned = new Set(plan.flatMap((detail) => /^SCAN (\w+)/.exec(detail)?.slice(1) ?? []))
  return GROWING.find((table) => {
    const aliases = [...text.matchAll(new RegExp(`"?\\b${table}\\b"?\\s+as\\s+"?(\\w+)"?`, 'g'))].map(([, alias]) => alias!)
    return [table, ...aliases].some((name) => scanned.has(name))
  })
}
