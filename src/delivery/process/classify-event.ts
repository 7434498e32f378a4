import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { WebhookEvent } from './parse-webhook.ts'
import { jsonTypeOf } from '../../pipedrive/check-row.ts'
import { isObject } from '../../kit/is-object.ts'

/** A ParsedChange is what a webhook reports about one record: the types of its events, and its states. */
export interface ParsedChange {
  eventTypes: readonly EventType[]
  /** The record after it; of a deleted one the last state. */
  after: TriggerRow
  /** The record before a change; undefined if the webhook does not contain it. */
  before: TriggerRow | undefined
}

/** Classifies a webhook. A record that is created won, lost or done is that, too. A change is always `updated` too, unless it is Pipedrive's way to report a deletion. Throws if a state has no id. */
export function classifyEvent(kind: RecordKind, event: WebhookEvent): ParsedChange {
  const { action, recordId, data, previous } = event
  if (action === 'create') {
    const after = kind.fromWebhook({ id: recordId, ...data })
    const eventTypes: EventType[] = ['added', ...transitionsBetween(kind, kind.beforeCreation(after), after)]
    return { eventTypes: supportedBy(kind, eventTypes), after, before: undefined }
  }
  if (action === 'delete') {
    const after = { ...kind.fromWebhook({ ...previous, id: recordId }), is_deleted: true }
    return { eventTypes: supportedBy(kind, ['deleted']), after, before: undefined }
  }
  const after = kind.fromWebhook({ id: recordId, ...data })
  if (!previous) return { eventTypes: supportedBy(kind, ['updated']), after, before: undefined }
  const before = kind.fromWebhook(stateBefore({ id: recordId, ...data }, previous))
  const transitions = transitionsBetween(kind, before, after)
  const eventTypes: EventType[] = transitions.includes('deleted') ? ['deleted'] : ['updated', ...transitions]
  return { eventTypes: supportedBy(kind, eventTypes), after, before }
}

/** The fields of a webhook whose values are not of the documented type, with the types that they have. `fromWebhook` takes them as empty. */
export function undocumentedTypes({ data, previous }: WebhookEvent, { after }: ParsedChange): Record<string, string> | undefined {
  const row = after as unknown as Readonly<Record<string, unknown>>
  const wrong = Object.entries(data ?? previous ?? {}).filter(([name, value]) => row[name] === null && value !== null && value !== '')
  return wrong.length === 0 ? undefined : Object.fromEntries(wrong.map(([name, value]) => [name, jsonTypeOf(value)]))
}

const transitionsBetween = (kind: RecordKind, before: TriggerRow, after: TriggerRow): EventType[] =>
  Object.entries(kind.transition).flatMap(([eventType, isTransition]) => (isTransition(before, after) ? [eventType as EventType] : []))

/** `previous` contains only what has changed, of the custom fields too. */
export function stateBefore(data: Readonly<Record<string, unknown>>, previous: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const [now, then] = [data['custom_fields'], previous['custom_fields']]
  const customFields = isObject(then) ? { custom_fields: { ...(isObject(now) ? now : {}), ...then } } : {}
  return { ...data, ...previous, ...customFields, id: data['id'] }
}

/** The event types that this kind of record has. Webhooks report deleted activities although no list contains them. */
const supportedBy = (kind: RecordKind, eventTypes: readonly EventType[]): EventType[] =>
  eventTypes.filter((eventType) => eventType === 'deleted' || kind.when[eventType] !== undefined)
