import { setTimeout as pause } from 'node:timers/promises'
import { sql, type RawBuilder } from 'kysely'
import type { Clock } from '../../kit/clock.ts'
import type { Store } from '../../store/store.ts'

const DAY_MS = 24 * 3_600_000
/** An older event is of no use to most flows. */
const PENDING_DAYS = 7
/** Owners can inspect and replay the deliveries of the last week. */
const DELIVERED_DAYS = 7
/** Owners can replay dead deliveries after a holiday. */
const DEAD_DAYS = 30
const ENDED_SUBSCRIPTIONS_DAYS = 30

/** The embedded database runs one statement at a time: calls run between the batches. */
const BATCH = 100
const PAUSE_MS = 5

/** How often `sweepDeliveries` runs. */
export const SWEEP_EVERY_MS = 10 * 60_000

const TOO_OLD = `The endpoint did not accept it for ${PENDING_DAYS} days.`

/** Gives up deliveries that have been pending too long, and deletes old deliveries, events and ended subscriptions. */
export async function sweepDeliveries(store: Pick<Store, 'db'>, clock: Clock): Promise<void> {
  const before = (days: number) => new Date(clock.now() - days * DAY_MS)
  const now = new Date(clock.now())
  const inBatches = async (statement: RawBuilder<unknown>): Promise<void> => {
    while (((await statement.execute(store.db)).numAffectedRows ?? 0n) >= BATCH) await pause(PAUSE_MS)
  }

  // Measured from the next attempt: a replay starts the 7 days again.
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
  // An event stays as long as a delivery that a replay could send again.
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
