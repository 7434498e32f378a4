import type { RecordName } from '../../catalog/contract/records/record-kind.ts'
import type { CheckedBody } from '../ingest/check-webhook-body.ts'
import { recordIdOf, type RecordId } from '../../kit/record-id.ts'

/** A WebhookEvent is the parsed body of one Pipedrive webhook. */
export interface WebhookEvent {
  entity: RecordName
  action: 'create' | 'change' | 'delete'
  recordId: RecordId
  /** `meta.id`: the same for all attempts to deliver it, as far as is known. */
  metaId: string
  /** `meta.timestamp`, to the millisecond. */
  webhookAt: Date
  /** The time of the state that it reports, by the clock that writes record times: whole seconds. */
  stateAt: Date
  /** The state after it; null when the record is gone. */
  data: Readonly<Record<string, unknown>> | null
  /** What was different before a change; the whole state before a deletion. */
  previous: Readonly<Record<string, unknown>> | null
  /** The record that this one was merged into. */
  mergedInto: number | null
}

const MS_OF_SECONDS = 1_000

/** Parses a body that `checkBody` has accepted. Throws RangeError if its timestamp is not a time. */
export function parseWebhook(body: Readonly<Record<string, unknown>>, entity: RecordName): WebhookEvent {
  const { meta, data = null, previous = null } = body as unknown as CheckedBody
  const { action, id: metaId } = meta
  const webhookAt = timeOf(meta.timestamp)
  if (!webhookAt) throw new RangeError('the timestamp of a webhook is not a time')
  // A webhook may be made some seconds after its change, so its own timestamp is too late.
  const stated = timeOf(data?.['update_time']) ?? (action === 'create' ? timeOf(data?.['add_time']) : undefined)
  return {
    entity,
    action,
    recordId: recordIdOf(String(meta.entity_id)),
    metaId,
    webhookAt,
    stateAt: wholeSecond(stated ?? webhookAt),
    data: action === 'delete' ? null : data,
    previous,
    mergedInto: idOf(meta.merged_to_id),
  }
}

/** Webhooks contain ids as strings. */
function idOf(value: unknown): number | null {
  const id = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : null
}

/** RFC 3339, "yyyy-MM-dd HH:mm:ss" in UTC, or seconds since 1970: all three occur. */
function timeOf(value: unknown): Date | undefined {
  if (typeof value === 'number') return valid(value * MS_OF_SECONDS)
  if (typeof value !== 'string' || value === '') return undefined
  if (/^\d{10}$/.test(value)) return valid(Number(value) * MS_OF_SECONDS)
  const zoned = /[Zz]$|[+-]\d{2}:?\d{2}$/.test(value) ? value : `${value.replace(' ', 'T')}Z`
  return valid(Date.parse(zoned))
}

const valid = (ms: number): Date | undefined => (Number.isNaN(new Date(ms).getTime()) ? undefined : new Date(ms))
export const wholeSecond = (time: Date): Date => new Date(Math.floor(time.getTime() / MS_OF_SECONDS) * MS_OF_SECONDS)
