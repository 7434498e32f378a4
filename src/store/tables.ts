import type { ColumnType, GeneratedAlways } from 'kysely'

/** A Timestamp column is `timestamptz`; both engines read it as a Date. */
type Timestamp = Date

/** An OwnerRow is somebody who has connections. The row `admin` is there from the start and has no token of its own. */
export interface OwnerRow {
  id: string
  name: string
  token_hash: string | null
  created_at: Timestamp
}

/** A ConnectionRow is one Pipedrive account that its owner may act as; its API key lies sealed. */
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

/** A ConnectionKeyRow is a key that stands for a connection; only its hash is kept. */
export interface ConnectionKeyRow {
  id: string
  connection_id: string
  name: string
  key_hash: string
  /** The last four characters. */
  hint: string
  created_at: Timestamp
  last_used_at: Timestamp | null
}

/** An AuditRow is one change that somebody made: who, what, when. Never a secret. */
export interface AuditRow {
  id: GeneratedAlways<number>
  at: Timestamp
  owner_id: string
  action: string
  subject: string
  details: ColumnType<Record<string, unknown>, string, never>
}

/** An IntentRow is one thing that a caller wants done once. `name` is empty for calls that nothing names, and for those whose time is over. */
export interface IdempotencyRecordRow {
  id: string
  name: string | null
  /** Keyed digest of operation and input: the same name with another fingerprint is a mistake of the caller. */
  fingerprint: string
  operation: string
  state: 'running' | 'undecided' | 'done'
  /** What the caller got, or would have got. */
  answer: ColumnType<unknown, string | null, string | null>
  request_id: string
  /** Until then the process that runs it may still be at work. */
  lease_until: Timestamp
  created_at: Timestamp
  expires_at: Timestamp
}

/** An IntentWriteRow is one write to Pipedrive on behalf of an intent, noted before it is sent. A `record_id` is a claim: this intent made that record. */
export interface IdempotencyWriteRow {
  intent_id: string
  step: number
  method: 'POST' | 'PATCH' | 'DELETE'
  object: string
  company_id: number
  user_id: number
  /** Keyed digest of what was sent. */
  content_hash: string
  since_id: number | null
  since_date: Timestamp | null
  state: 'sent' | 'unknown' | 'done'
  record_id: number | null
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

/** An AccountRow is a Pipedrive account that subscriptions belong to: a named connection, or an API key that was sent itself and is kept for as long as they live. */
export interface AccountRow {
  id: string
  /** As in `Acting`. */
  principal: string
  connection_id: string | null
  /** Of a key that was sent itself; erased with its last subscription. */
  sealed_key: string | null
  company_id: number
  user_id: number
  created_at: Timestamp
}

/** A SourceRow is where events of one kind of record of one account come from. It is a lane: `due_at`, `leased_until` and `leased_by` belong to `delivery/lanes.ts`. */
export interface SourceRow {
  id: string
  account_id: string
  kind: 'deal' | 'activity'
  mode: 'webhook' | 'polling'
  /** Why there is no webhook. */
  mode_reason: string | null
  /** Pipedrive's id of the webhook in use. */
  webhook_id: number | null
  /** When the webhook is to be looked after next. */
  check_at: Timestamp
  /** What is known of ids, for records that were added; null until a trigger needs it. */
  watch: ColumnType<unknown, string | null, string | null>
  /** Changes before this moment of Pipedrive's clock were compared; null until a trigger needs it. */
  changed_since: Timestamp | null
  deleted_since: Timestamp | null
  /** When lists are to be compared next. */
  reconcile_at: Timestamp
  /** Why the last look failed; null when all is well. */
  trouble: string | null
  last_webhook_at: Timestamp | null
  due_at: Timestamp
  leased_until: Timestamp | null
  /** The process that has the lease. */
  leased_by: string | null
  created_at: Timestamp
}

/** A HookRow is one webhook as it was made in Pipedrive: the hash of the secret in its path, and of its password. */
export interface HookRow {
  token_hash: string
  source_id: string
  password_hash: string
  webhook_id: number | null
  created_at: Timestamp
}

/** An InboxRow is a webhook's body that was answered with 200, and not sorted yet. */
export interface InboxRow {
  id: GeneratedAlways<number>
  source_id: string
  body: ColumnType<Record<string, unknown>, string, never>
  received_at: Timestamp
  tries: ColumnType<number, number | undefined, number>
}

/** A FingerprintRow is a record as events have told it so far. */
export interface SnapshotRow {
  source_id: string
  record_id: number
  /** Pipedrive's moment of that state, in whole seconds. */
  as_of: Timestamp
  /** When the webhook was made that told it; null when a list did. */
  told_at: Timestamp | null
  /** The record as API v2 would write it; what webhooks do not say is missing. */
  record: ColumnType<Record<string, unknown>, string, string>
  /** Of the content as API v2 told it in that state; null when it was not read. */
  content_hash: string | null
}

/** An EventRow is something that happened to a record, once. */
export interface EventRow {
  seq: GeneratedAlways<number>
  id: string
  source_id: string
  record_id: number
  happening: string
  /** What makes it the same event: never twice. */
  identity: string
  /** The same for the content of its webhook, should Pipedrive give a repeated one another id. */
  twin: string | null
  origin: 'webhook' | 'reconciled' | 'test'
  /** Pipedrive's moment of the state in which it was seen. */
  as_of: Timestamp | null
  /** Of a reconciled one: the state before it that was known already. A webhook that tells of something older is an event of its own. */
  base_as_of: Timestamp | null
  base_told_at: Timestamp | null
  /** A reconciled one whose webhook came later. */
  absorbed: ColumnType<boolean, boolean | undefined, boolean>
  payload: ColumnType<Record<string, unknown>, string, string>
  created_at: Timestamp
}

/** A SubscriptionRow is somebody who wants to know. It is a lane of deliveries. */
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
  /** `paused` by people, `disabled` by the receiver, which is probed; events are kept for both. */
  state: 'active' | 'paused' | 'disabled' | 'ended'
  state_reason: string | null
  state_since: Timestamp
  /** Attempts that failed in a row. */
  failures: ColumnType<number, number | undefined, number>
  /** The receiver gets nothing before: it asked for that, is turned off, or keeps failing. */
  quiet_until: Timestamp | null
  /** Of one whose deliveries are fetched, not sent: when they were asked for last. Null where they are sent to a target. */
  asked_at: ColumnType<Timestamp | null, Timestamp | null | undefined, Timestamp | null>
  due_at: Timestamp
  leased_until: Timestamp | null
  /** The process that has the lease. */
  leased_by: string | null
  created_at: Timestamp
}

/** A LocationRow is a URL that ends a subscription. The newest ends it for good, older ones only themselves. */
export interface LocationRow {
  id: GeneratedAlways<number>
  token_hash: string
  subscription_id: string
  created_at: Timestamp
}

/** A DeliveryRow is one event on its way to one subscription. */
export interface DeliveryRow {
  seq: GeneratedAlways<number>
  id: string
  subscription_id: string
  event_seq: number
  record_id: number
  state: 'pending' | 'delivered' | 'dead'
  attempts: ColumnType<number, number | undefined, number>
  next_at: Timestamp
  last_status: number | null
  last_reason: string | null
  created_at: Timestamp
  ended_at: Timestamp | null
}

/** A DeliveryAttemptRow is one request to a receiver, and what came of it. */
export interface DeliveryAttemptRow {
  delivery_id: string
  attempt: number
  at: Timestamp
  status: number | null
  reason: string | null
  ms: number
}

/** Tables is everything in the database, by table. */
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
