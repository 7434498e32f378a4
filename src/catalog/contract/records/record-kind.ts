import type { ResultPage, Pipedrive } from '../../../pipedrive/pipedrive.ts'
import type { RecordId } from '../../../kit/record-id.ts'
import type { Mapping } from '../../mapping.ts'

/** The events of a record that triggers report. */
export type EventType = 'added' | 'updated' | 'moved' | 'won' | 'lost' | 'done' | 'deleted'
/** Pipedrive's words for the records that have triggers: `event_object` of its webhooks. */
export type RecordName = 'deal' | 'activity'

/** The fields that are needed to recognise a record as new. */
export interface DatedRow<Id extends RecordId = number> {
  id: Id
  /** RFC 3339, UTC. */
  add_time: string
}

/** The fields that are needed to distinguish two states of a record. Times are RFC 3339, UTC, whole seconds. */
export interface TriggerRow<Id extends RecordId = number> extends DatedRow<Id> {
  update_time: string | null
  owner_id: number
  is_deleted: boolean
}

/**
 * A RecordQuery selects the newest records by id, exactly these records, those changed or deleted at or after a moment (oldest change first),
 * or the latest changes or deletions (latest first).
 */
export type RecordQuery =
  | { ids: readonly RecordId[] }
  | { newest: number; cursor?: string }
  | { changedSince: string; cursor?: string }
  | { deletedSince: string; cursor?: string }
  | { latestChanged: number }
  | { latestDeleted: number }

/**
 * A RecordKind is what triggers must know about one kind of record: how it is read, and what its fields say about past events.
 * `S` is the record of API v2, `C` the contract's shape.
 */
export interface RecordKind<S extends TriggerRow = TriggerRow, C = unknown> {
  name: RecordName
  /** The contract's shape that instant triggers send. */
  fields: Mapping<S, C>
  /** 10 tokens a page. Without the include_fields of `fields` if `bare`. Throws if Pipedrive has no such list: deleted activities. */
  list(pipedrive: Pipedrive, query: RecordQuery, options?: { bare?: boolean }): Promise<ResultPage<S>>
  /** 1 token; with the include_fields of `fields`. Throws NotFound. */
  get(pipedrive: Pipedrive, id: RecordId): Promise<S>
  /** The time of the record's last event of that type, by the record's own fields; null if there was none, or it was undone. A type without a row cannot occur for this kind. */
  when: Partial<Record<EventType, (row: S) => string | null>>
  /** The state of a record right after the event, for events that can occur twice within one of Pipedrive's seconds. */
  snapshotOf: Partial<Record<EventType, (row: S) => unknown>>
  /** Whether the event occurred between two states of one record. `added` and `updated` are no difference between states. */
  transition: Partial<Record<EventType, (before: S, after: S) => boolean>>
  /** The state from which a record that is created as this row comes: what it is created as, beyond a new record, is an event too. */
  beforeCreation(row: S): S
  /** The filters of triggers, by their names. */
  filters: Readonly<Record<string, (row: S) => unknown>>
  /** A webhook's `data`, or `previous` laid over it, in the form of API v2; a field that webhooks omit is null. Throws if there is no id. */
  fromWebhook(data: Readonly<Record<string, unknown>>): S
  /** The record's own fields, without those that Pipedrive derives from other records: the content of a snapshot. */
  fingerprintFields(row: S): Record<string, unknown>
}
