import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { ReferenceData } from '../../pipedrive/pipedrive.ts'
import type { OpenAccount } from '../accounts.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { filterFieldsOf, matchesFilters, type ActiveSubscription } from './active-subscriptions.ts'
import { isChange } from './baselines.ts'
import { classifyEvent, type ParsedChange } from './classify-event.ts'
import { decideRecording, type EventIdentity } from './decide-recording.ts'
import { dedupKeyOf, contentKeyOf, type DetectedEvent } from './detected-event.ts'
import type { Digest } from './digest.ts'
import { parseWebhook, type WebhookEvent } from './parse-webhook.ts'
import { buildPayloads, type BuildPayload, type PayloadInput } from './payload.ts'
import type { RecordReadResult } from './read-records.ts'
import { loadRecorded } from './record-events.ts'
import { contentHash, snapshotAfter, statedFields, stateTime, type RecordSnapshot } from './record-snapshot.ts'

/** An InboxEntry is one row of the inbox, parsed. */
export interface InboxEntry {
  inboxId: number
  tries: number
  webhook: WebhookEvent
  change: ParsedChange
  /** Its events of the types that are subscribed to. */
  events: (EventIdentity & Pick<DetectedEvent, 'filterFields'>)[]
}

/** Parses one row of the inbox. Undefined if its body is unreadable. */
export function parseInboxEntry(
  kind: RecordKind,
  source: Source,
  { id, body, tries }: { id: number; body: Readonly<Record<string, unknown>>; tries: number },
  subscribed: ReadonlySet<EventType>,
  digest: Digest,
): InboxEntry | undefined {
  const parsed = parseBody(kind, source, body)
  if (!parsed) return undefined
  const { webhook, change } = parsed
  const filterFields = filterFieldsOf(kind, change.after)
  const { recordId, stateAt, webhookAt } = webhook
  const events = change.eventTypes
    .filter((eventType) => subscribed.has(eventType))
    .map((eventType) => ({
      recordId,
      eventType,
      dedupKey: dedupKeyOf(source.id, recordId, eventType, webhook.metaId),
      contentKey: contentKeyOf(source.id, eventType, webhook, digest),
      origin: 'webhook' as const,
      stateAt,
      webhookAt,
      filterFields,
    }))
  return { inboxId: id, tries, webhook, change, events }
}

/** `checkBody` does not check the fields of the record: they may be of other types than Pipedrive documents. */
function parseBody(
  kind: RecordKind,
  source: Source,
  body: Readonly<Record<string, unknown>>,
): Pick<InboxEntry, 'webhook' | 'change'> | undefined {
  try {
    const webhook = parseWebhook(body, source.kind)
    return { webhook, change: classifyEvent(kind, webhook) }
  } catch {
    return undefined
  }
}

/** In the order in which Pipedrive made the webhooks, as far as their timestamps show it. */
export const inEventOrder = (entries: readonly InboxEntry[]): InboxEntry[] =>
  entries.toSorted((a, b) => a.webhook.webhookAt.getTime() - b.webhook.webhookAt.getTime() || a.inboxId - b.inboxId)

/** A ReadPlan is the entries that subscriptions match, and the records that must be read for them. */
export interface ReadPlan {
  matched: ReadonlySet<InboxEntry>
  recordIds: readonly number[]
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

/** The events of these entries, with payloads. Names are fetched only for the matched ones. */
export async function buildEvents(
  { logger }: Pick<DeliveryDeps, 'logger'>,
  kind: RecordKind,
  entries: readonly InboxEntry[],
  matched: ReadonlySet<InboxEntry>,
  reading: RecordReadResult,
  account: OpenAccount | undefined,
): Promise<{ entry: InboxEntry; event: DetectedEvent }[]> {
  const withEvents = entries.filter(({ events }) => events.length > 0)
  const build = async (some: readonly InboxEntry[], names: ReferenceData | undefined): Promise<[InboxEntry, BuildPayload][]> => {
    const inputs = some.map(({ webhook, change }) => payloadInputOf(webhook, change, reading.rows.get(webhook.recordId)))
    const builders = await buildPayloads(kind, inputs, names, logger)
    return some.map((entry, at) => [entry, builders[at]!])
  }
  const builders = new Map([
    ...(await build(
      withEvents.filter((entry) => matched.has(entry)),
      account?.referenceData,
    )),
    ...(await build(
      withEvents.filter((entry) => !matched.has(entry)),
      undefined,
    )),
  ])
  return withEvents.flatMap((entry) =>
    entry.events.map((event) => ({ entry, event: { ...event, payload: builders.get(entry)!(event.eventType) } })),
  )
}

/** The payload shows the record that was read. Where the webhook is newer, or nothing could be read, it shows what the webhook contains. */
function payloadInputOf(
  { action, data, stateAt }: WebhookEvent,
  { after, before }: ParsedChange,
  read: TriggerRow | undefined,
): PayloadInput {
  const transition = before && { before, after, comparable: new Set(Object.keys(after)) }
  if (!read || action === 'delete') return { row: after, transition }
  if (stateTime(read) >= stateAt) return { row: read, transition }
  const stated = Object.fromEntries(Object.entries(statedFields(after, data ?? {})).filter(([name]) => name !== 'custom_fields'))
  return { row: { ...read, ...stated }, transition }
}

/** The snapshots that these entries change. */
export function snapshotsAfter(
  kind: RecordKind,
  entries: readonly InboxEntry[],
  known: ReadonlyMap<number, RecordSnapshot>,
  reading: RecordReadResult,
  digest: Digest,
): RecordSnapshot[] {
  const after = new Map<number, RecordSnapshot>()
  for (const { webhook, change } of entries) {
    if (webhook.action === 'delete') continue
    const before = after.get(webhook.recordId) ?? known.get(webhook.recordId)
    const read = reading.rows.get(webhook.recordId)
    const hash = read && stateTime(read) >= webhook.stateAt ? contentHash(kind, read, digest) : null
    const next = snapshotAfter(before, webhook, change, hash)
    if (next !== before) after.set(webhook.recordId, next)
  }
  return [...after.values()]
}

/** Whether snapshots must be kept: reconciliation compares states only to find changes. */
export const needsSnapshots = (subscriptions: readonly ActiveSubscription[]): boolean =>
  subscriptions.some(({ eventType }) => isChange(eventType))
