import { setTimeout as pause } from 'node:timers/promises'
import { sql, type RawBuilder } from 'kysely'
import type { Clock } from '../../kit/clock.ts'
import type { Store } from '../../store/store.ts'

const DAY_MS = 24 * 3_600_000
/** What nobody has taken by then is of no use to most flows, and whoever was away so long begins anew. */
const PENDING_DAYS = 7
/** For whoever wants to see, or to have again, what a receiver got last week. */
const DELIVERED_DAYS = 7
/** For whoever comes back from his holidays. */
const DEAD_DAYS = 30
const ENDED_SUBSCRIPTIONS_DAYS = 30

/** The embedded database does one thing at a time: calls go on between the batches. */
const BATCH = 100
const PAUSE_MS = 5

/** How often `sweepDeliveries` is to be called. */
export const SWEEP_EVERY_MS = 10 * 60_000

const TOO_OLD = `The receiver has not taken it for ${PENDING_DAYS} days.`

/** Gives up what has waited too long, and forgets what is over. */
export async function sweepDeliveries(store: Pick<Store, 'db'>, clock: Clock): Promise<void> {
  const before = (days: number) => new Date(clock.now() - days * DAY_MS)
  const now = new Date(clock.now())
  const inBatches = async (statement: RawBuilder<unknown>): Promise<void> => {
    while (((await statement.execute(store.db)).numAffectedRows ?? 0n) >= BATCH) await pause(PAUSE_MS)
  }

  // By its next attempt: one that is replayed has its time before it again.
  await inBatches(sql`
    update deliveries set state = 'dead', ended_at = ${now}, last_reason = coalesce(last_reason || '. ', '') || ${TOO_OLD}
    where seq in (select seq from deliveries where state = 'pending' and next_at < ${before(PENDING_DAYS)} limit ${BATCH})`)
  for (const [state, days] of [
    ['delivered', DELIVERED_DAYS],
    ['dead', DEAD_DAYS],
  ] as const)
    await inBatches(sql`
      delete from deliveries where seq in (
        select seq from deliveries where state = ${sql.lit(state)} and ended_at < ${before(days)} order by ended_at limit ${BATCH}
      )`)
  // No earlier than its last delivery, which a replay would need it for.
  await inBatches(sql`
    delete from events where seq in (
      select seq from events e where created_at < ${before(DELIVERED_DAYS)} and not exists (select 1 from deliveries d where d.event_seq = e.seq)
      order by created_at limit ${BATCH}
    )`)
  await inBatches(sql`
    delete from subscriptions where id in (
      select id from subscriptions s where state = 'ended' and state_since < ${before(ENDED_SUBSCRIPTIONS_DAYS)}
        and not exists (select 1 from deliveries d where d.subscription_id = s.id)
      limit ${BATCH}
    )`)
}
