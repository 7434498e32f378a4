import { sql, type Kysely } from 'kysely'
import { systemClock, type Clock } from '../../kit/clock.ts'

/** A DatabaseClock is the clock of a PostgreSQL server, which all its processes share; between two readings it follows the monotonic clock. */
export interface DatabaseClock extends Clock {
  /** Reads the server's clock. Throws StoreUnavailable; then the clock continues from the last reading. */
  read(): Promise<void>
}

/** In this time the server's clock and ours drift by less than a millisecond. */
export const READ_CLOCK_EVERY_MS = 10_000

export function createDatabaseClock<DB>(db: Kysely<DB>): DatabaseClock {
  let ahead = Date.now() - performance.now()
  return {
    now: () => Math.floor(performance.now() + ahead),
    sleep: systemClock.sleep,
    async read() {
      const before = performance.now()
      const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
      const after = performance.now()
      ahead = rows[0]!.now.getTime() - (before + after) / 2
    },
  }
}
