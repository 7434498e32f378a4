import { sql } from 'kysely'
import type { Store } from '../../store/store.ts'

/** Longer than any answer lives and any claim is of use: nobody reads back further than to the attempt. */
const KEPT_MS = 25 * 60 * 60_000
/** The embedded database does one thing at a time. */
const BATCH = 100

/** Erases the answers of intents whose time is over, and what is older than a day. Says how many intents it has touched. */
export async function sweepIdempotencyRecords(store: Store, nowMs: number): Promise<number> {
  const now = new Date(nowMs).toISOString()
  const old = new Date(nowMs - KEPT_MS).toISOString()
  let touched = 0
  for (;;) {
    const { rows } = await sql`
      with late as (
        select id from intents
        where expires_at <= ${now}::timestamptz and lease_until <= ${now}::timestamptz
          and (answer is not null or name is not null
            or exists (select from intent_writes w where w.intent_id = intents.id and w.result is not null))
        limit ${BATCH}
      ), w as (update intent_writes set result = null where intent_id in (select id from late) and result is not null)
      update intents set answer = null, name = null where id in (select id from late) returning id`.execute(store.db)
    touched += rows.length
    if (rows.length < BATCH) break
  }
  for (;;) {
    const { rows } = await sql`
      delete from intents where id in (
        select id from intents where created_at < ${old}::timestamptz and expires_at <= ${now}::timestamptz and lease_until <= ${now}::timestamptz
        limit ${BATCH}
      ) returning id`.execute(store.db)
    touched += rows.length
    if (rows.length < BATCH) return touched
  }
}
