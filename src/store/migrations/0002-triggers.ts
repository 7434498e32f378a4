import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { ColumnTypes as Columns } from '../columns.ts'

/** Subscriptions, their event sources, and their deliveries. */
const statements = ({ text, int, bigint, time, json, boolean, id }: Columns) => [
  sql`create table accounts (
    id ${text} not null primary key,
    principal ${text} not null unique,
    connection_id ${text} references connections (id) on delete cascade,
    sealed_key ${text},
    company_id ${bigint} not null,
    user_id ${bigint} not null,
    created_at ${time} not null
  )`,
  sql`create index accounts_of_connection on accounts (connection_id)`,
  sql`create table sources (
    id ${text} not null primary key,
    account_id ${text} not null references accounts (id) on delete cascade,
    kind ${text} not null check (kind in ('deal', 'activity')),
    mode ${text} not null check (mode in ('webhook', 'polling')),
    mode_reason ${text},
    webhook_id ${bigint},
    check_at ${time} not null,
    watch ${json},
    changed_since ${time},
    deleted_since ${time},
    reconcile_at ${time} not null,
    trouble ${text},
    last_webhook_at ${time},
    due_at ${time} not null,
    leased_until ${time},
    leased_by ${text},
    created_at ${time} not null,
    unique (account_id, kind)
  )`,
  sql`create index sources_by_due on sources (due_at)`,
  sql`create index sources_by_lease on sources (leased_until) where leased_until is not null`,
  sql`create table hooks (
    token_hash ${text} not null primary key,
    source_id ${text} not null references sources (id) on delete cascade,
    password_hash ${text} not null,
    webhook_id ${bigint},
    created_at ${time} not null
  )`,
  sql`create index hooks_of_source on hooks (source_id)`,
  sql`create table inbox (
    id ${id},
    source_id ${text} not null references sources (id) on delete cascade,
    body ${json} not null,
    received_at ${time} not null,
    tries ${int} not null default 0
  )`,
  sql`create index inbox_of_source on inbox (source_id, id)`,
  sql`create table fingerprints (
    source_id ${text} not null references sources (id) on delete cascade,
    record_id ${text} not null,
    as_of ${time} not null,
    told_at ${time},
    record ${json} not null,
    content_hash ${text},
    primary key (source_id, record_id)
  )`,
  sql`create table events (
    seq ${id},
    id ${text} not null unique,
    source_id ${text} not null references sources (id) on delete cascade,
    record_id ${text} not null,
    happening ${text} not null,
    identity ${text} not null unique,
    twin ${text} unique,
    origin ${text} not null check (origin in ('webhook', 'reconciled', 'test')),
    as_of ${time},
    base_as_of ${time},
    base_told_at ${time},
    absorbed ${boolean} not null default false,
    payload ${json} not null,
    created_at ${time} not null
  )`,
  sql`create index events_of_record on events (source_id, record_id)`,
  sql`create index events_by_age on events (created_at)`,
  sql`create table subscriptions (
    id ${text} not null primary key,
    account_id ${text} not null references accounts (id) on delete cascade,
    source_id ${text} not null references sources (id) on delete cascade,
    trigger ${text} not null,
    happening ${text} not null,
    filters ${json} not null,
    filters_hash ${text} not null,
    format ${text} not null,
    target_hash ${text} not null,
    sealed_target ${text},
    target_hint ${text} not null,
    sealed_signing_key ${text},
    state ${text} not null check (state in ('active', 'paused', 'disabled', 'ended')),
    state_reason ${text},
    state_since ${time} not null,
    failures ${int} not null default 0,
    quiet_until ${time},
    asked_at ${time},
    due_at ${time} not null,
    leased_until ${time},
    leased_by ${text},
    created_at ${time} not null
  )`,
  sql`create unique index live_subscriptions on subscriptions (account_id, trigger, filters_hash, format, target_hash) where state <> 'ended'`,
  sql`create index subscriptions_of_account on subscriptions (account_id)`,
  sql`create index subscriptions_of_source on subscriptions (source_id, state)`,
  sql`create index subscriptions_by_due on subscriptions (due_at)`,
  sql`create index subscriptions_by_lease on subscriptions (leased_until) where leased_until is not null`,
  sql`create table locations (
    id ${id},
    token_hash ${text} not null unique,
    subscription_id ${text} not null references subscriptions (id) on delete cascade,
    created_at ${time} not null
  )`,
  sql`create index locations_of_subscription on locations (subscription_id)`,
  sql`create table deliveries (
    seq ${id},
    id ${text} not null unique,
    subscription_id ${text} not null references subscriptions (id) on delete cascade,
    event_seq ${bigint} not null references events (seq) on delete cascade,
    record_id ${text} not null,
    state ${text} not null check (state in ('pending', 'delivered', 'dead')),
    attempts ${int} not null default 0,
    next_at ${time} not null,
    last_status ${int},
    last_reason ${text},
    created_at ${time} not null,
    ended_at ${time}
  )`,
  sql`create index deliveries_of_subscription on deliveries (subscription_id, seq)`,
  sql`create index pending_deliveries on deliveries (subscription_id, record_id, seq) where state = 'pending'`,
  sql`create index due_deliveries on deliveries (subscription_id, next_at, seq) where state = 'pending'`,
  sql`create index ended_deliveries on deliveries (ended_at) where state <> 'pending'`,
  sql`create index deliveries_of_event on deliveries (event_seq)`,
  sql`create table delivery_attempts (
    delivery_id ${text} not null references deliveries (id) on delete cascade,
    attempt ${int} not null,
    at ${time} not null,
    status ${int},
    reason ${text},
    ms ${int} not null,
    primary key (delivery_id, attempt)
  )`,
]

export const triggers = (columns: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    for (const statement of statements(columns)) await statement.execute(db)
  },
})
