import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { ColumnTypes as Columns } from '../columns.ts'

/** Owners, their connections and keys, idempotency records with their writes, and the calls of the current minute. */
const statements = ({ text, int, bigint, time, json, boolean, id }: Columns) => [
  sql`create table settings (
    name ${text} not null primary key,
    value ${text} not null
  )`,
  sql`create table owners (
    id ${text} not null primary key,
    name ${text} not null unique,
    token_hash ${text} unique,
    created_at ${time} not null
  )`,
  sql`insert into owners (id, name, token_hash, created_at) values ('admin', 'admin', null, ${new Date()})`,
  sql`create table connections (
    id ${text} not null primary key,
    owner_id ${text} not null references owners (id) on delete cascade,
    name ${text} not null,
    sealed_key ${text} not null,
    company_id ${bigint} not null,
    company_name ${text} not null,
    user_id ${bigint} not null,
    user_name ${text} not null,
    user_email ${text} not null,
    state ${text} not null check (state in ('ok', 'needs_attention')),
    reason ${text},
    checked_at ${time} not null,
    created_at ${time} not null,
    last_used_at ${time},
    unique (owner_id, name)
  )`,
  sql`create table connection_keys (
    id ${text} not null primary key,
    connection_id ${text} not null references connections (id) on delete cascade,
    name ${text} not null,
    key_hash ${text} not null unique,
    hint ${text} not null,
    sets ${text},
    read_only ${boolean} not null,
    created_at ${time} not null,
    last_used_at ${time}
  )`,
  sql`create index connection_keys_of_connection on connection_keys (connection_id)`,
  sql`create table audit (
    id ${id},
    at ${time} not null,
    owner_id ${text} not null,
    action ${text} not null,
    subject ${text} not null,
    details ${json} not null
  )`,
  sql`create index audit_of_owner on audit (owner_id, id)`,
  sql`create table intents (
    id ${text} not null primary key,
    name ${text} unique,
    fingerprint ${text} not null,
    operation ${text} not null,
    state ${text} not null check (state in ('running', 'undecided', 'done')),
    answer ${json},
    request_id ${text} not null,
    lease_until ${time} not null,
    created_at ${time} not null,
    expires_at ${time} not null
  )`,
  sql`create index intents_by_end on intents (expires_at)`,
  sql`create table intent_writes (
    intent_id ${text} not null references intents (id) on delete cascade,
    step ${int} not null,
    method ${text} not null check (method in ('POST', 'PUT', 'PATCH', 'DELETE')),
    collection ${text} not null,
    company_id ${bigint} not null,
    user_id ${bigint} not null,
    content_hash ${text} not null,
    since_id ${bigint},
    since_date ${time},
    state ${text} not null check (state in ('sent', 'unknown', 'done')),
    record_id ${text},
    result ${json},
    sent_at ${time} not null,
    ended_at ${time},
    primary key (intent_id, step)
  )`,
  sql`create unique index claims on intent_writes (company_id, collection, record_id) where method = 'POST' and record_id is not null`,
  sql`create index undecided_writes on intent_writes (company_id, collection, content_hash) where state <> 'done'`,
  sql`create table call_windows (
    name ${text} not null primary key,
    ends_at ${time} not null,
    events ${int} not null
  )`,
]

export const connections = (columns: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    for (const statement of statements(columns)) await statement.execute(db)
  },
})
