import type { Transaction } from 'kysely'
import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { Tables } from '../../store/tables.ts'
import type { OpenAccount } from '../accounts.ts'
import { SUBSCRIPTIONS, type DeliveryDeps, type Source } from '../deps.ts'
import { filterFieldsOf, matchesFilters, type ActiveSubscription } from '../process/active-subscriptions.ts'
import { decideRecording } from '../process/decide-recording.ts'
import { dedupKeyOf, type DetectedEvent } from '../process/detected-event.ts'
import type { Digest } from '../process/digest.ts'
import { buildPayloads, type PayloadInput } from '../process/payload.ts'
import { loadRecorded, recordEvents } from '../process/record-events.ts'
import { contentHash, stateTime, type RecordSnapshot } from '../process/record-snapshot.ts'
import { fieldsInBoth, stateOf } from './decide-reconcile.ts'

/** A ReconcileFinding is a row of a list, and the events of it that are subscribed to and that no webhook has reported. */
export interface ReconcileFinding {
  row: TriggerRow
  eventTypes: readonly EventType[]
  known: RecordSnapshot | undefined
}

/** A ReconcileContext is what reconciliation uses for one source. */
export interface ReconcileContext {
  deps: DeliveryDeps
  source: Source
  kind: RecordKind
  subscriptions: readonly ActiveSubscription[]
  account: OpenAccount
  digest: Digest
}

/**
 * Records the findings in one transaction with `advance`, which saves how far the list is compared. Returns the times of the new events. The
 * payload shows the list's row; nothing is read again. Names are fetched only for events that a subscription matches.
 */
export async function recordFindings(
  { deps, source, kind, subscriptions, account, digest }: ReconcileContext,
  findings: readonly ReconcileFinding[],
  advance: (trx: Transaction<Tables>) => Promise<void>,
): Promise<Date[]> {
  const { store, logger } = deps
  const detected = findings.flatMap((finding) =>
    finding.eventTypes.map((eventType) => ({ ...eventOf(kind, source, finding, eventType, digest), finding })),
  )
  const newEvents = detected.length === 0 ? [] : decideRecording(detected, await loadRecorded(store.db, source.id, detected)).newEvents
  const isMatched = (finding: ReconcileFinding) =>
    newEvents.some((event) => event.finding === finding && subscriptions.some((subscription) => matchesFilters(subscription, event)))
  const newFindings = [...new Set(newEvents.map(({ finding }) => finding))]
  const matched = newFindings.filter(isMatched)
  const unmatched = newFindings.filter((finding) => !matched.includes(finding))
  const builders = new Map([
    ...zip(matched, await buildPayloads(kind, matched.map(payloadInputOf), account.referenceData, logger)),
    ...zip(unmatched, await buildPayloads(kind, unmatched.map(payloadInputOf), undefined, logger)),
  ])
  const deliveries = await store.transaction(async (trx) => {
    const events = newEvents.map(({ finding, ...event }): DetectedEvent => ({ ...event, payload: builders.get(finding)!(event.eventType) }))
    const made = await recordEvents(trx, deps, source, events)
    await advance(trx)
    return made
  })
  if (deliveries > 0) store.signal(SUBSCRIPTIONS)
  return newEvents.map(({ stateAt }) => stateAt)
}

function eventOf(kind: RecordKind, source: Source, { row, known }: ReconcileFinding, eventType: EventType, digest: Digest) {
  return {
    recordId: row.id,
    eventType,
    // The same row gives the same event. Another state of the record gives another one, even if it is only seconds later.
    dedupKey: dedupKeyOf(source.id, row.id, eventType, `r:${contentHash(kind, row, digest)}:${stateTime(row).toISOString()}`),
    contentKey: null,
    origin: 'reconciled' as const,
    stateAt: eventType === 'added' ? new Date(row.add_time) : stateTime(row),
    webhookAt: null,
    base: known && { stateAt: known.stateAt, webhookAt: known.webhookAt },
    filterFields: filterFieldsOf(kind, row),
  }
}

const payloadInputOf = ({ row, known }: ReconcileFinding): PayloadInput => ({
  row,
  transition: known && { before: stateOf(known), after: row, comparable: fieldsInBoth(row, known) },
})

const zip = <A, B>(keys: readonly A[], values: readonly B[]): [A, B][] => keys.map((key, at) => [key, values[at]!])
