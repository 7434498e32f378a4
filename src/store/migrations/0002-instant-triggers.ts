import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Subscriptions, where their events come from, and what is on its way to their receivers. */
const statements = [
  `create table accounts (
    id text primary key,
    principal text not null unique,
    connection_id text references connections (id) on delete cascade,
    sealed_key text,
    company_id bigint not null,
    user_id bigint not null,
    created_at timestamptz not null
  )`,
  `create index accounts_of_connection on accounts (connection_id)`,
  `create table sources (
    id text primary key,
    account_id text not null references accounts (id) on delete cascade,
    kind text not null check (kind in ('deal', 'activity')),
    mode text not null check (mode in ('webhook', 'polling')),
    mode_reason text,
    webhook_id bigint,
    check_at timestamptz not null,
    watch jsonb,
    changed_since timestamptz,
    deleted_since timestamptz,
    reconcile_at timestamptz not null,
    trouble text,
    last_webhook_at timestamptz,
    due_at timestamptz not null,
    leased_until timestamptz,
    leased_by text,
    created_at timestamptz not null,
    unique (account_id, kind)
  )`,
  `create index sources_by_due on sources (due_at)`,
  `create index sources_by_lease on sources (leased_until) where leased_until is not null`,
  `create table hooks (
    token_hash text primary key,
    source_id text not null references sources (id) on delete cascade,
    password_hash text not null,
    webhook_id bigint,
    created_at timestamptz not null
  )`,
  `create index hooks_of_source on hooks (source_id)`,
  `create table inbox (
    id bigint generated always as identity primary key,
    source_id text not null references sources (id) on delete cascade,
    body json not null,
    received_at timestamptz not null,
    tries int not null default 0
  )`,
  `create index inbox_of_source on inbox (source_id, id)`,
  `create table fingerprints (
    source_id text not null references sources (id) on delete cascade,
    record_id bigint not null,
    as_of timestamptz not null,
    told_at timestamptz,
    record json not null,
    content_hash text,
    primary key (source_id, record_id)
  )`,
  `create table events (
    seq bigint generated always as identity primary key,
    id text not null unique,
    source_id text not null references sources (id) on delete cascade,
    record_id bigint not null,
    happening text not null,
    identity text not null unique,
    twin text unique,
    origin text not null check (origin in ('webhook', 'reconciled', 'test')),
    as_of timestamptz,
    base_as_of timestamptz,
    base_told_at timestamptz,
    absorbed boolean not null default false,
    payload json not null,
    created_at timestamptz not null
  )`,
  `create index events_to_absorb on events (source_id, record_id) where origin = 'reconciled' and not absorbed`,
  `create index events_by_age on events (created_at)`,
  `create table subscriptions (
    id text primary key,
    account_id text not null references accounts (id) on delete cascade,
    source_id text not null references sources (id) on delete cascade,
    trigger text not null,
    happening text not null,
    filters json not null,
    filters_hash text not null,
    format text not null,
    target_hash text not null,
    sealed_target text,
    target_hint text not null,
    sealed_signing_key text,
    state text not null check (state in ('active', 'paused', 'disabled', 'ended')),
    state_reason text,
    state_since timestamptz not null,
    failures int not null default 0,
    quiet_until timestamptz,
    asked_at timestamptz,
    due_at timestamptz not null,
    leased_until timestamptz,
    leased_by text,
    created_at timestamptz not null
  )`,
  `create unique index live_subscriptions on subscriptions (account_id, trigger, filters_hash, format, target_hash) where state <> 'ended'`,
  `create index subscriptions_of_source on subscriptions (source_id) where state <> 'ended'`,
  `create index subscriptions_by_due on subscriptions (due_at)`,
  `create index subscriptions_by_lease on subscriptions (leased_until) where leased_until is not null`,
  `create table locations (
    id bigint generated always as identity primary key,
    token_hash text not null unique,
    subscription_id text not null references subscriptions (id) on delete cascade,
    created_at timestamptz not null
  )`,
  `create index locations_of_subscription on locations (subscription_id)`,
  `create table deliveries (
    seq bigint generated always as identity primary key,
    id text not null unique,
    subscription_id text not null references subscriptions (id) on delete cascade,
    event_seq bigint not null references events (seq) on delete cascade,
    record_id bigint not null,
    state text not null check (state in ('pending', 'delivered', 'dead')),
    attempts int not null default 0,
    next_at timestamptz not null,
    last_status int,
    last_reason text,
    created_at timestamptz not null,
    ended_at timestamptz
  )`,
  `create index deliveries_of_subscription on deliveries (subscription_id, seq)`,
  `create index pending_deliveries on deliveries (subscription_id, record_id, seq) where state = 'pending'`,
  `create index due_deliveries on deliveries (subscription_id, next_at, seq) where state = 'pending'`,
  `create index ended_deliveries on deliveries (ended_at) where state <> 'pending'`,
  `create index deliveries_of_event on deliveries (event_seq)`,
  `create table delivery_attempts (
    delivery_id text not null references deliveries (id) on delete cascade,
    attempt int not null,
    at timestamptz not null,
    status int,
    reason text,
    ms int not null,
    primary key (delivery_id, attempt)
  )`,
]

export const instantTriggers: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}
