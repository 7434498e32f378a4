import type { RecordName } from '../../catalog/contract/records/record-kind.ts'
import type { CheckedBody } from '../ingest/check-body.ts'

/** A WebhookEvent is what one webhook of Pipedrive's says, in types. */
export interface WebhookEvent {
  entity: RecordName
  action: 'create' | 'change' | 'delete'
  recordId: number
  /** `meta.id`: stays the same over the attempts to deliver it, as far as is known. */
  metaId: string
  /** `meta.timestamp`, to the millisecond. */
  toldAt: Date
  /** The moment of the state that it tells, by the clock that record times are written by: whole seconds. */
  asOf: Date
  /** The state after it; null when the record is gone. */
  data: Readonly<Record<string, unknown>> | null
  /** What was different before a change; the whole state before a deletion. */
  previous: Readonly<Record<string, unknown>> | null
  /** The record that it was merged into, and ended with. */
  mergedInto: number | null
}

const MS_OF_SECONDS = 1_000

/** Puts a body into types. It was checked when it came in (`checkBody`), and is not checked again. Throws RangeError where its timestamp is none. */
export function parseWebhook(body: Readonly<Record<string, unknown>>, entity: RecordName): WebhookEvent {
  const { meta, data = null, previous = null } = body as unknown as CheckedBody
  const { action, id: metaId } = meta
  const toldAt = momentOf(meta.timestamp)
  if (!toldAt) throw new RangeError('the timestamp of a webhook is no time')
  // A webhook may be made up to some seconds after the change that it tells of, so its own timestamp says too late a moment.
  const stated = momentOf(data?.['update_time']) ?? (action === 'create' ? momentOf(data?.['add_time']) : undefined)
  return {
    entity,
    action,
    recordId: Number(meta.entity_id),
    metaId,
    toldAt,
    asOf: wholeSecond(stated ?? toldAt),
    data: action === 'delete' ? null : data,
    previous,
    mergedInto: idOf(meta.merged_to_id),
  }
}

/** Webhooks write ids as texts. */
function idOf(value: unknown): number | null {
  const id = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : null
}

/** RFC 3339, "yyyy-MM-dd HH:mm:ss" in UTC, or seconds since 1970: all three were seen. */
function momentOf(value: unknown): Date | undefined {
  if (typeof value === 'number') return valid(value * MS_OF_SECONDS)
  if (typeof value !== 'string' || value === '') return undefined
  if (/^\d{10}$/.test(value)) return valid(Number(value) * MS_OF_SECONDS)
  const zoned = /[Zz]$|[+-]\d{2}:?\d{2}$/.test(value) ? value : `${value.replace(' ', 'T')}Z`
  return valid(Date.parse(zoned))
}

const valid = (ms: number): Date | undefined => (Number.isNaN(new Date(ms).getTime()) ? undefined : new Date(ms))
export const wholeSecond = (moment: Date): Date => new Date(Math.floor(moment.getTime() / MS_OF_SECONDS) * MS_OF_SECONDS)
