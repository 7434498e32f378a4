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
export interface IntentRow {
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
export interface IntentWriteRow {
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

/** Tables is everything in the database, by table. */
export interface Tables {
  owners: OwnerRow
  connections: ConnectionRow
  connection_keys: ConnectionKeyRow
  audit: AuditRow
  intents: IntentRow
  intent_writes: IntentWriteRow
  call_windows: CallWindowRow
  settings: SettingRow
}
