import type { ResultPage, Pipedrive } from '../../../pipedrive/pipedrive.ts'
import type { Mapping } from '../../mapping.ts'

/** What can happen to a record, as far as triggers tell. */
export type EventType = 'added' | 'updated' | 'moved' | 'won' | 'lost' | 'done' | 'deleted'
/** Pipedrive's words for the records that triggers tell of: `event_object` of its webhooks. */
export type RecordName = 'deal' | 'activity'

/** The least that a record must have to be recognised as new. */
export interface DatedRow {
  id: number
  /** RFC 3339, UTC. */
  add_time: string
}

/** The least that a record must have to be told apart. Times are RFC 3339, UTC, whole seconds. */
export interface TriggerRow extends DatedRow {
  update_time: string | null
  owner_id: number
  is_deleted: boolean
}

/**
 * A RecordQuery asks for the newest records by id, for exactly these, for what was changed or deleted at or after a moment, oldest change first,
 * or for the latest changes or deletions, latest first.
 */
export type RecordQuery =
  | { ids: readonly number[] }
  | { newest: number; cursor?: string }
  | { changedSince: string; cursor?: string }
  | { deletedSince: string; cursor?: string }
  | { latestChanged: number }
  | { latestDeleted: number }

/**
 * A RecordKind is what triggers must know of one kind of record: how it is read, and what its fields say about what happened to it.
 * `S` is the record of API v2, `C` the contract's shape.
 */
export interface RecordKind<S extends TriggerRow = TriggerRow, C = unknown> {
  name: RecordName
  /** The contract's shape that instant triggers tell. */
  fields: Mapping<S, C>
  /** 10 tokens a page. Without the include_fields that `fields` asks for when `bare`. Throws where Pipedrive has no such list: deleted activities. */
  list(pipedrive: Pipedrive, query: RecordQuery, options?: { bare?: boolean }): Promise<ResultPage<S>>
  /** 1 token; with the include_fields that `fields` asks for. Throws NotFound. */
  get(pipedrive: Pipedrive, id: number): Promise<S>
  /** When it last happened to this record, by the record's own fields; null: it has not, or was undone since. A happening without a row cannot happen to this kind. */
  when: Partial<Record<EventType, (row: S) => string | null>>
  /** What a record looks like right after it happened, for what can happen twice within one of Pipedrive's seconds. */
  snapshotOf: Partial<Record<EventType, (row: S) => unknown>>
  /** Whether it happened between two states of one record. `added` and `updated` are no difference between states. */
  transition: Partial<Record<EventType, (before: S, after: S) => boolean>>
  /** What filters of triggers can ask for, by their names. */
  filters: Readonly<Record<string, (row: S) => unknown>>
  /** A webhook's `data`, or `previous` laid over it, written as API v2 would; what webhooks do not say is null. Throws when there is no id. */
  fromWebhook(data: Readonly<Record<string, unknown>>): S
  /** The fields that say what a record is, without those that Pipedrive derives from other records: what a fingerprint is made of. */
  fingerprintFields(row: S): Record<string, unknown>
}
