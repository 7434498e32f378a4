import type { Tables } from './tables.ts'

/** Every table with the columns of its primary key, after the tables that it references. A missing table does not compile. */
export const primaryKeys: Readonly<Record<keyof Tables, readonly string[]>> = {
  settings: ['name'],
  owners: ['id'],
  connections: ['id'],
  connection_keys: ['id'],
  audit: ['id'],
  intents: ['id'],
  intent_writes: ['intent_id', 'step'],
  call_windows: ['name'],
  accounts: ['id'],
  sources: ['id'],
  hooks: ['token_hash'],
  inbox: ['id'],
  fingerprints: ['source_id', 'record_id'],
  events: ['seq'],
  subscriptions: ['id'],
  locations: ['id'],
  deliveries: ['seq'],
  delivery_attempts: ['delivery_id', 'attempt'],
}

export const tableNames = Object.keys(primaryKeys) as (keyof Tables)[]
