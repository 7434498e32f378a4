import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { WebhookEvent } from './parse-webhook.ts'

/** A Told is what a webhook says of one record: what happened to it, and its states. */
export interface ParsedChange {
  happenings: readonly EventType[]
  /** The record after it; of a deleted one the last state. */
  after: TriggerRow
  /** The record before a change; undefined where the webhook does not say. */
  before: TriggerRow | undefined
}

/** What a webhook tells of. A change is always `updated` too, unless it is how Pipedrive says that a record was deleted. Throws when states have no id. */
export function classifyEvent(kind: RecordKind, event: WebhookEvent): ParsedChange {
  const { action, recordId, data, previous } = event
  if (action === 'create')
    return { happenings: happeningsOf(kind, ['added']), after: kind.fromWebhook({ id: recordId, ...data }), before: undefined }
  if (action === 'delete') {
    const after = { ...kind.fromWebhook({ ...previous, id: recordId }), is_deleted: true }
    return { happenings: happeningsOf(kind, ['deleted']), after, before: undefined }
  }
  const after = kind.fromWebhook({ id: recordId, ...data })
  if (!previous) return { happenings: happeningsOf(kind, ['updated']), after, before: undefined }
  const before = kind.fromWebhook(stateBefore({ id: recordId, ...data }, previous))
  const between = Object.entries(kind.transition).flatMap(([happening, happened]) =>
    happened(before, after) ? [happening as EventType] : [],
  )
  const happenings: EventType[] = between.includes('deleted') ? ['deleted'] : ['updated', ...between]
  return { happenings: happeningsOf(kind, happenings), after, before }
}

/** `previous` holds what has changed only, of the custom fields too. */
export function stateBefore(data: Readonly<Record<string, unknown>>, previous: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const [now, then] = [data['custom_fields'], previous['custom_fields']]
  const customFields = isObject(then) ? { custom_fields: { ...(isObject(now) ? now : {}), ...then } } : {}
  return { ...data, ...previous, ...customFields, id: data['id'] }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Those that this kind of record knows. That an activity was deleted, webhooks tell although no list does. */
const happeningsOf = (kind: RecordKind, happenings: readonly EventType[]): EventType[] =>
  happenings.filter((happening) => happening === 'deleted' || kind.when[happening] !== undefined)
