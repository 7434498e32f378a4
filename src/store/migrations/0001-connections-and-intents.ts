import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Owners, their connections and keys, intents with what they wrote, and the calls of the running minute. */
const statements = [
  `create table settings (
    name text primary key,
    value text not null
  )`,
  `create table owners (
    id text primary key,
    name text not null unique,
    token_hash text unique,
    created_at timestamptz not null
  )`,
  `insert into owners (id, name, token_hash, created_at) values ('admin', 'admin', null, now())`,
  `create table connections (
    id text primary key,
    owner_id text not null references owners (id) on delete cascade,
    name text not null,
    sealed_key text not null,
    company_id bigint not null,
    company_name text not null,
    user_id bigint not null,
    user_name text not null,
    user_email text not null,
    state text not null check (state in ('ok', 'needs_attention')),
    reason text,
    checked_at timestamptz not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    unique (owner_id, name)
  )`,
  `create table connection_keys (
    id text primary key,
    connection_id text not null references connections (id) on delete cascade,
    name text not null,
    key_hash text not null unique,
    hint text not null,
    created_at timestamptz not null,
    last_used_at timestamptz
  )`,
  `create index connection_keys_of_connection on connection_keys (connection_id)`,
  `create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    owner_id text not null,
    action text not null,
    subject text not null,
    details jsonb not null
  )`,
  `create index audit_of_owner on audit (owner_id, id)`,
  `create table intents (
    id text primary key,
    name text unique,
    fingerprint text not null,
    operation text not null,
    state text not null check (state in ('running', 'undecided', 'done')),
    answer jsonb,
    request_id text not null,
    lease_until timestamptz not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  `create index intents_by_end on intents (expires_at)`,
  `create table intent_writes (
    intent_id text not null references intents (id) on delete cascade,
    step int not null,
    method text not null check (method in ('POST', 'PATCH', 'DELETE')),
    object text not null,
    company_id bigint not null,
    user_id bigint not null,
    content_hash text not null,
    since_id bigint,
    since_date timestamptz,
    state text not null check (state in ('sent', 'unknown', 'done')),
    record_id bigint,
    result jsonb,
    sent_at timestamptz not null,
    ended_at timestamptz,
    primary key (intent_id, step)
  )`,
  `create unique index claims on intent_writes (company_id, object, record_id) where method = 'POST' and record_id is not null`,
  `create index undecided_writes on intent_writes (company_id, object, content_hash) where state <> 'done'`,
  `create table call_windows (
    name text primary key,
    ends_at timestamptz not null,
    events int not null
  )`,
]

export const connectionsAndIntents: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}
