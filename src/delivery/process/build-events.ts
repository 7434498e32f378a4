import type { RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { ReferenceData } from '../../pipedrive/pipedrive.ts'
import type { OpenAccount } from '../accounts.ts'
import type { DeliveryDeps } from '../deps.ts'
import type { ParsedChange } from './classify-event.ts'
import type { DetectedEvent } from './detected-event.ts'
import type { InboxEntry } from './inbox-entry.ts'
import type { WebhookEvent } from './parse-webhook.ts'
import { buildPayloads, type BuildPayload, type PayloadInput } from './payload.ts'
import type { RecordReadResult } from './read-records.ts'
import { statedFields, stateTime } from './record-snapshot.ts'

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
