import type { DeliveryDeps, Source } from '../deps.ts'
import { matchesFilters, type ActiveSubscription } from './active-subscriptions.ts'
import { decideRecording } from './decide-recording.ts'
import type { InboxEntry } from './inbox-entry.ts'
import { loadRecorded } from './record-events.ts'
import type { RecordId } from '../../kit/record-id.ts'

/** A ReadPlan is the entries that subscriptions match, and the records that must be read for them. */
export interface ReadPlan {
  matched: ReadonlySet<InboxEntry>
  recordIds: readonly RecordId[]
}

/** An entry is matched if one of its events is not recorded yet and passes the filters of a subscription. A deleted record is not read: its last state is delivered. */
export async function planReads(
  { store }: Pick<DeliveryDeps, 'store'>,
  source: Source,
  entries: readonly InboxEntry[],
  subscriptions: readonly ActiveSubscription[],
): Promise<ReadPlan> {
  const detected = entries.flatMap((entry) => entry.events.map((event) => ({ ...event, entry })))
  const isMatched = (event: InboxEntry['events'][number]) => subscriptions.some((subscription) => matchesFilters(subscription, event))
  if (!detected.some(isMatched)) return { matched: new Set(), recordIds: [] }
  // All of them are looked up: reconciliation may have recorded one that no subscription matches.
  const { newEvents, absorbed } = decideRecording(detected, await loadRecorded(store.db, source.id, detected))
  // A reconciled event without deliveries may match by the state before it, which only the webhook contains.
  const undelivered = absorbed.filter(({ hasDeliveries }) => !hasDeliveries).map(({ event }) => event)
  const matched = new Set([...newEvents, ...undelivered].filter(isMatched).map(({ entry }) => entry))
  const toRead = [...matched].filter(({ webhook }) => webhook.action !== 'delete')
  return { matched, recordIds: [...new Set(toRead.map(({ webhook }) => webhook.recordId))] }
}
