import type { EventType, RecordKind } from '../../catalog/contract/records/record-kind.ts'
import type { Source } from '../deps.ts'
import { filterFieldsOf } from './active-subscriptions.ts'
import { classifyEvent, type ParsedChange } from './classify-event.ts'
import type { EventIdentity } from './decide-recording.ts'
import { dedupKeyOf, contentKeyOf, type DetectedEvent } from './detected-event.ts'
import type { Digest } from './digest.ts'
import { parseWebhook, type WebhookEvent } from './parse-webhook.ts'

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
