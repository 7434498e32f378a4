import type { Transaction } from 'kysely'
import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { Tables } from '../../store/tables.ts'
import type { OpenAccount } from '../accounts.ts'
import { decideRecording } from '../process/decide-recording.ts'
import { contentHash, stateTime, type Digest, type RecordSnapshot } from '../process/record-snapshot.ts'
import { dedupKeyOf, type DetectedEvent } from '../process/detected-event.ts'
import { filterFieldsOf, matchesFilters, type ActiveSubscription } from '../process/active-subscriptions.ts'
import { buildPayloads } from '../process/payload.ts'
import { loadRecorded, recordEvents } from '../process/record-events.ts'
import { SUBSCRIPTIONS, type DeliveryDeps, type Source } from '../deps.ts'
import { fieldsInBoth, stateOf } from './decide-reconcile.ts'

/** A Finding is a row of a list, and what it tells that was not told before, as far as somebody wants to know. */
export interface ReconcileFinding {
  row: TriggerRow
  happenings: readonly EventType[]
  known: RecordSnapshot | undefined
}

/** What reconciliation works with on one source. */
export interface ReconcileContext {
  parts: DeliveryDeps
  source: Source
  kind: RecordKind
  listeners: readonly ActiveSubscription[]
  account: OpenAccount
  digest: Digest
}

/**
 * Records what was found, in one transaction with `advance`, which keeps how far it was looked. Answers the moments of what was news. A list's
 * row is what is told: nothing is read again. Names are asked for where somebody gets to see them.
 */
export async function recordFindings(
  { parts: deps, source, kind, listeners, account, digest }: ReconcileContext,
  findings: readonly ReconcileFinding[],
  advance: (trx: Transaction<Tables>) => Promise<void>,
): Promise<Date[]> {
  const { store, logger } = deps
  const found = findings.flatMap((finding) =>
    finding.happenings.map((happening) => ({ ...describe(kind, source, finding, happening, digest), finding })),
  )
  const { news } = found.length === 0 ? { news: [] } : decideRecording(found, await loadRecorded(store.db, source.id, found))
  const told = [...new Set(news.map(({ finding }) => finding))]
  const isHeard = (finding: ReconcileFinding) =>
    news.some((event) => event.finding === finding && listeners.some((listener) => matchesFilters(listener, event)))
  const heard = told.filter(isHeard)
  const unheard = told.filter((finding) => !heard.includes(finding))
  const tellers = new Map([
    ...zip(heard, await buildPayloads(kind, heard.map(tellingOf), account.referenceData, logger)),
    ...zip(unheard, await buildPayloads(kind, unheard.map(tellingOf), undefined, logger)),
  ])
  const made = await store.transaction(async (trx) => {
    const events = news.map(({ finding, ...event }): DetectedEvent => ({ ...event, payload: tellers.get(finding)!(event.happening) }))
    const deliveries = await recordEvents(trx, deps, source, events)
    await advance(trx)
    return deliveries
  })
  if (made > 0) store.signal(SUBSCRIPTIONS)
  return news.map(({ asOf }) => asOf)
}

function describe(kind: RecordKind, source: Source, { row, known }: ReconcileFinding, happening: EventType, digest: Digest) {
  const asOf = happening === 'added' ? new Date(row.add_time) : stateTime(row)
  return {
    recordId: row.id,
    happening,
    // The same row tells the same event; another state of the record another one, be it only seconds later.
    identity: dedupKeyOf(source.id, row.id, happening, `r:${contentHash(kind, row, digest)}:${stateTime(row).toISOString()}`),
    twin: null,
    origin: 'reconciled' as const,
    asOf,
    toldAt: null,
    base: known && { asOf: known.asOf, toldAt: known.toldAt },
    filtered: filterFieldsOf(kind, row),
  }
}

const tellingOf = ({ row, known }: ReconcileFinding) => ({
  row,
  change: known && { before: stateOf(known), after: row, said: fieldsInBoth(row, known) },
})

const zip = <A, B>(keys: readonly A[], values: readonly B[]): [A, B][] => keys.map((key, at) => [key, values[at]!])
