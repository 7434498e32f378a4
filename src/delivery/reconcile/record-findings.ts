import type { Transaction } from 'kysely'
import type { Happening, RecordKind, RecordRow } from '../../catalog/records/record-kind.ts'
import type { Tables } from '../../store/tables.ts'
import type { OpenAccount } from '../accounts.ts'
import { decideRecording } from '../events/decide-recording.ts'
import { contentHash, stateMoment, type Digest, type Fingerprint } from '../events/fingerprint.ts'
import { identityOf, type FoundEvent } from '../events/found-event.ts'
import { filteredOf, wants, type Listener } from '../events/listeners.ts'
import { tellAll } from '../events/payload.ts'
import { loadRecorded, recordEvents } from '../events/record-events.ts'
import { SUBSCRIPTIONS, type DeliveryParts, type Source } from '../parts.ts'
import { saidByBoth, stateOf } from './decide-reconcile.ts'

/** A Finding is a row of a list, and what it tells that was not told before, as far as somebody wants to know. */
export interface Finding {
  row: RecordRow
  happenings: readonly Happening[]
  known: Fingerprint | undefined
}

/** What reconciliation works with on one source. */
export interface Workbench {
  parts: DeliveryParts
  source: Source
  kind: RecordKind
  listeners: readonly Listener[]
  account: OpenAccount
  digest: Digest
}

/**
 * Records what was found, in one transaction with `advance`, which keeps how far it was looked. Answers the moments of what was news. A list's
 * row is what is told: nothing is read again. Names are asked for where somebody gets to see them.
 */
export async function recordFindings(
  { parts, source, kind, listeners, account, digest }: Workbench,
  findings: readonly Finding[],
  advance: (trx: Transaction<Tables>) => Promise<void>,
): Promise<Date[]> {
  const { store, logger } = parts
  const found = findings.flatMap((finding) =>
    finding.happenings.map((happening) => ({ ...describe(kind, source, finding, happening, digest), finding })),
  )
  const { news } = found.length === 0 ? { news: [] } : decideRecording(found, await loadRecorded(store.db, source.id, found))
  const told = [...new Set(news.map(({ finding }) => finding))]
  const isHeard = (finding: Finding) =>
    news.some((event) => event.finding === finding && listeners.some((listener) => wants(listener, event)))
  const heard = told.filter(isHeard)
  const unheard = told.filter((finding) => !heard.includes(finding))
  const tellers = new Map([
    ...zip(heard, await tellAll(kind, heard.map(tellingOf), account.names, logger)),
    ...zip(unheard, await tellAll(kind, unheard.map(tellingOf), undefined, logger)),
  ])
  const made = await store.transaction(async (trx) => {
    const events = news.map(({ finding, ...event }): FoundEvent => ({ ...event, payload: tellers.get(finding)!(event.happening) }))
    const deliveries = await recordEvents(trx, parts, source, events)
    await advance(trx)
    return deliveries
  })
  if (made > 0) store.signal(SUBSCRIPTIONS)
  return news.map(({ asOf }) => asOf)
}

function describe(kind: RecordKind, source: Source, { row, known }: Finding, happening: Happening, digest: Digest) {
  const asOf = happening === 'added' ? new Date(row.add_time) : stateMoment(row)
  return {
    recordId: row.id,
    happening,
    // The same row tells the same event; another state of the record another one, be it only seconds later.
    identity: identityOf(source.id, row.id, happening, `r:${contentHash(kind, row, digest)}:${stateMoment(row).toISOString()}`),
    twin: null,
    origin: 'reconciled' as const,
    asOf,
    toldAt: null,
    base: known && { asOf: known.asOf, toldAt: known.toldAt },
    filtered: filteredOf(kind, row),
  }
}

const tellingOf = ({ row, known }: Finding) => ({
  row,
  change: known && { before: stateOf(known), after: row, said: saidByBoth(row, known) },
})

const zip = <A, B>(keys: readonly A[], values: readonly B[]): [A, B][] => keys.map((key, at) => [key, values[at]!])
