import type { ColumnType, GeneratedAlways } from 'kysely'

/** A Timestamp column is `timestamptz` in PostgreSQL and an integer in SQLite; both engines read it as a Date. */
type Timestamp = Date

/** An OwnerRow is a user of the management API. A migration creates the row `admin`, which has no token in the table. */
export interface OwnerRow {
  id: string
  name: string
  token_hash: string | null
  created_at: Timestamp
}

/** A ConnectionRow is one Pipedrive account that its owner may act as; its API key is sealed. */
export interface ConnectionRow {
  /** 32 hex digits. */
  id: string
  owner_id: string
  name: string
  sealed_key: string
  company_id: number
  company_name: string
  user_id: number
  user_name: string
  user_email: string
  state: 'ok' | 'needs_attention'
  /** Why it needs attention. */
  reason: string | null
  checked_at: Timestamp
  created_at: Timestamp
  last_used_at: Timestamp | null
}

/** A ConnectionKeyRow is a key that authenticates a connection; only its hash is stored. */
export interface ConnectionKeyRow {
  id: string
  connection_id: string
  name: string
  key_hash: string
  /** The last four characters. */
  hint: string
  /** Names with commas: the sets of operations that the key is limited to. */
  sets: string | null
  read_only: boolean
  created_at: Timestamp
  last_used_at: Timestamp | null
}

/** An AuditRow is one change: who, what, when. Never a secret. */
export interface AuditRow {
  id: GeneratedAlways<number>
  at: Timestamp
  owner_id: string
  action: string
  subject: string
  details: ColumnType<Record<string, unknown>, string, never>
}

/** An IdempotencyRecordRow (table `intents`) is one operation that must run once. `name` is null for calls without a key, and for expired records. */
export interface IdempotencyRecordRow {
  id: string
  name: string | null
  /** Keyed digest of operation and input: the same name with another fingerprint is an error of the caller. */
  fingerprint: string
  operation: string
  state: 'running' | 'undecided' | 'done'
  /** The response to the caller, sent or not. */
  answer: ColumnType<unknown, string | null, string | null>
  request_id: string
  /** Until then the process that runs it may still be running. */
  lease_until: Timestamp
  created_at: Timestamp
  expires_at: Timestamp
}

/** An IdempotencyWriteRow (table `intent_writes`) is one write to Pipedrive, stored before it is sent. A `record_id` claims the record that this write created. */
export interface IdempotencyWriteRow {
  intent_id: string
  step: number
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The path of the list of the records that it concerns. */
  collection: string
  company_id: number
  user_id: number
  /** Keyed digest of the sent content. */
  content_hash: string
  since_id: number | null
  since_date: Timestamp | null
  state: 'sent' | 'unknown' | 'done'
  record_id: string | null
  result: ColumnType<unknown, string | null, string | null>
  sent_at: Timestamp
  ended_at: Timestamp | null
}

/** A CallWindowRow counts the calls of one connection, for all processes. */
export interface CallWindowRow {
  name: string
  ends_at: Timestamp
  events: number
}

export interface SettingRow {
  name: string
  value: string
}

/** An AccountRow is a Pipedrive account that subscriptions belong to: a named connection, or an API key that a caller sent, which is stored until the last subscription ends. */
export interface AccountRow {
  id: string
  /** As in `Principal`. */
  principal: string
  connection_id: string | null
  /** A key that a caller sent; erased with its last subscription. */
  sealed_key: string | null
  company_id: number
  user_id: number
  created_at: Timestamp
}

/** A SourceRow is the source of the events of one kind of record of one account. It is a work item: `due_at`, `leased_until` and `leased_by` belong to `delivery/queue/`. */
export interface SourceRow {
  id: string
  account_id: string
  kind: 'deal' | 'activity'
  mode: 'webhook' | 'polling'
  /** Why there is no webhook. */
  mode_reason: string | null
  /** Pipedrive's id of the webhook in use. */
  webhook_id: number | null
  /** When the webhook is checked next. */
  check_at: Timestamp
  /** The cursor for added records; null until a trigger needs it. */
  watch: ColumnType<unknown, string | null, string | null>
  /** Changes before this time of Pipedrive's clock were compared; null until a trigger needs it. */
  changed_since: Timestamp | null
  deleted_since: Timestamp | null
  /** When lists are compared next. */
  reconcile_at: Timestamp
  /** Why the last check failed; null if it succeeded. */
  trouble: string | null
  last_webhook_at: Timestamp | null
  due_at: Timestamp
  leased_until: Timestamp | null
  /** The process that has the lease. */
  leased_by: string | null
  created_at: Timestamp
}

/** A HookRow is one webhook registered with Pipedrive: the hash of the secret in its path, and of its password. */
export interface HookRow {
  token_hash: string
  source_id: string
  password_hash: string
  webhook_id: number | null
  created_at: Timestamp
}

/** An InboxRow is a received webhook that was acknowledged with 200 and not processed yet. */
export interface InboxRow {
  id: GeneratedAlways<number>
  source_id: string
  body: ColumnType<Record<string, unknown>, string, never>
  received_at: Timestamp
  tries: ColumnType<number, number | undefined, number>
}

/** A SnapshotRow (table `fingerprints`) is a record in the state of its latest known event. */
export interface SnapshotRow {
  source_id: string
  /** A number or a UUID, as text. */
  record_id: string
  /** Pipedrive's time of that state, in whole seconds. */
  as_of: Timestamp
  /** When Pipedrive created the webhook that delivered it; null if it came from a list. */
  told_at: Timestamp | null
  /** The record in the form of API v2, without what webhooks do not contain. */
  record: ColumnType<Record<string, unknown>, string, string>
  /** Digest of the content that API v2 returned for that state; null if it was not read. */
  content_hash: string | null
}

/** An EventRow is one event of a record. */
export interface EventRow {
  seq: GeneratedAlways<number>
  id: string
  source_id: string
  /** A number or a UUID, as text. */
  record_id: string
  happening: string
  /** The deduplication key. */
  identity: string
  /** The deduplication key by content, for a repeated webhook with a new id. */
  twin: string | null
  origin: 'webhook' | 'reconciled' | 'test'
  /** Pipedrive's time of the state of the record. */
  as_of: Timestamp | null
  /** Of a reconciled event: the previously known state. A webhook about an older change is a separate event. */
  base_as_of: Timestamp | null
  base_told_at: Timestamp | null
  /** A reconciled event whose webhook arrived later. */
  absorbed: ColumnType<boolean, boolean | undefined, boolean>
  payload: ColumnType<Record<string, unknown>, string, string>
  created_at: Timestamp
}

/** A SubscriptionRow is a subscription to an instant trigger. It is the work item of its deliveries. */
export interface SubscriptionRow {
  id: string
  account_id: string
  source_id: string
  /** The id of the trigger in the catalog. */
  trigger: string
  happening: string
  filters: ColumnType<Record<string, unknown>, string, never>
  filters_hash: string
  format: string
  /** Keyed digest of the callback URL. */
  target_hash: string
  /** Erased when the subscription ends. */
  sealed_target: string | null
  /** Host and last four characters. */
  target_hint: string
  sealed_signing_key: string | null
  /** `paused` by an operator, `disabled` by the receiver, which is probed; events are stored for both. */
  state: 'active' | 'paused' | 'disabled' | 'ended'
  state_reason: string | null
  state_since: Timestamp
  /** Consecutive failed attempts. */
  failures: ColumnType<number, number | undefined, number>
  /** No attempt before this time: the receiver asked for it, is disabled, or keeps failing. */
  quiet_until: Timestamp | null
  /** If deliveries are fetched: the time of the last fetch. Null if they are sent to a target. */
  asked_at: ColumnType<Timestamp | null, Timestamp | null | undefined, Timestamp | null>
  due_at: Timestamp
  leased_until: Timestamp | null
  /** The process that has the lease. */
  leased_by: string | null
  created_at: Timestamp
}

/** A LocationRow is an unsubscribe URL. The newest one ends the subscription, older ones only themselves. */
export interface LocationRow {
  id: GeneratedAlways<number>
  token_hash: string
  subscription_id: string
  created_at: Timestamp
}

/** A DeliveryRow is one event for one subscription. */
export interface DeliveryRow {
  seq: GeneratedAlways<number>
  id: string
  subscription_id: string
  event_seq: number
  /** A number or a UUID, as text. */
  record_id: string
  state: 'pending' | 'delivered' | 'dead'
  attempts: ColumnType<number, number | undefined, number>
  next_at: Timestamp
  last_status: number | null
  last_reason: string | null
  created_at: Timestamp
  ended_at: Timestamp | null
}

/** A DeliveryAttemptRow is one request to a receiver, and its result. */
export interface DeliveryAttemptRow {
  delivery_id: string
  attempt: number
  at: Timestamp
  status: number | null
  reason: string | null
  ms: number
}

/** Tables maps each table to its row type. */
export interface Tables {
  owners: OwnerRow
  connections: ConnectionRow
  connection_keys: ConnectionKeyRow
  audit: AuditRow
  intents: IdempotencyRecordRow
  intent_writes: IdempotencyWriteRow
  call_windows: CallWindowRow
  settings: SettingRow
  accounts: AccountRow
  sources: SourceRow
  hooks: HookRow
  inbox: InboxRow
  fingerprints: SnapshotRow
  events: EventRow
  subscriptions: SubscriptionRow
  locations: LocationRow
  deliveries: DeliveryRow
  delivery_attempts: DeliveryAttemptRow
}
