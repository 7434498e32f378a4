import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { SourceBusy } from '../errors/source-busy.ts'
import { LEASE_SECONDS, RENEW_EVERY_MS } from './work-queue.ts'
import { SOURCES, type DeliveryDeps } from '../deps.ts'

/** Hosts wait for 120 s. */
const PATIENCE_MS = 60_000
const LOOK_EVERY_MS = 50

/**
 * Works on a source while nobody else does, neither a lane nor another subscriber: two would make two webhooks. Throws SourceBusy after
 * `patienceMs`. Answers undefined when the source is gone. The source is due as long as it is leased here, so its lane runs afterwards in any case,
 * also where this process dies; and the lanes of the account's other sources leave the account's key alone (`endSource`).
 */
export async function withSource<T>(
  { store, clock }: Pick<DeliveryDeps, 'store' | 'clock'>,
  id: string,
  run: () => Promise<T>,
  patienceMs: number = PATIENCE_MS,
): Promise<T | undefined> {
  const { db } = store
  const me = randomUUID()
  const lease = sql`leased_by = ${me}, leased_until = now() + make_interval(secs => ${LEASE_SECONDS})`
  const since = performance.now()
  for (;;) {
    const { rows } = await sql<{ free: boolean }>`
      with taken as (
        update sources set ${lease}, due_at = least(due_at, ${new Date(clock.now())}) where id = ${id} and (leased_until is null or leased_until < now()) returning id
      ) select exists (select 1 from taken) as free from sources where id = ${id}`.execute(db)
    if (rows.length === 0) return undefined
    if (rows[0]!.free) break
    if (performance.now() - since > patienceMs) throw new SourceBusy()
    await pause(LOOK_EVERY_MS)
  }
  const renewing = setInterval(() => {
    sql`update sources set ${lease} where id = ${id} and leased_by = ${me} and leased_until >= now()`.execute(db).catch(() => {})
  }, RENEW_EVERY_MS).unref()
  try {
    return await run()
  } finally {
    clearInterval(renewing)
    // Due at once: what a lane that has died here was at goes on, and what came meanwhile is not overlooked.
    await sql`
      update sources set leased_until = null, leased_by = null, due_at = least(due_at, ${new Date(clock.now())})
      where id = ${id} and leased_by = ${me}`
      .execute(db)
      .catch(() => {})
    store.signal(SOURCES)
  }
}
