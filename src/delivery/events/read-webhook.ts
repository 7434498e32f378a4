import type { RecordName } from '../../catalog/records/record-kind.ts'

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

const ACTIONS: readonly unknown[] = ['create', 'change', 'delete']
const MS_OF_SECONDS = 1_000

/** Bodies were checked when they came in; undefined for what cannot be read all the same, and for records of other kinds. */
export function readWebhook(body: Readonly<Record<string, unknown>>, entity: RecordName): WebhookEvent | undefined {
  const meta = objectOf(body['meta'])
  if (!meta || meta['version'] !== '2.0' || meta['entity'] !== entity || !ACTIONS.includes(meta['action'])) return undefined
  const [data, previous] = [objectOf(body['data']), objectOf(body['previous'])]
  const recordId = idOf(meta['entity_id']) ?? idOf(data?.['id']) ?? idOf(previous?.['id'])
  const toldAt = momentOf(meta['timestamp'])
  const { id: metaId, action } = meta as { id: unknown; action: WebhookEvent['action'] }
  if (recordId === null || !toldAt || typeof metaId !== 'string' || metaId === '') return undefined
  if (action !== 'delete' && !data) return undefined
  // A webhook may be made up to some seconds after the change that it tells of, so its own timestamp says too late a moment.
  const stated = momentOf(data?.['update_time']) ?? (action === 'create' ? momentOf(data?.['add_time']) : undefined)
  return {
    entity,
    action,
    recordId,
    metaId,
    toldAt,
    asOf: wholeSecond(stated ?? toldAt),
    data: action === 'delete' ? null : data,
    previous,
    mergedInto: idOf(meta['merged_to_id']),
  }
}

const objectOf = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null

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
