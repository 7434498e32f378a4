import { sql } from 'kysely'
import type { Clock } from '../kit/clock.ts'
import { RateLimitExceeded } from '../kit/errors/rate-limit-exceeded.ts'
import { withTimeout } from '../kit/with-timeout.ts'
import type { Logger } from '../kit/logger.ts'
import { storeReason } from '../store/store-reason.ts'
import type { Store } from '../store/store.ts'
import { createFixedWindow } from './fixed-window.ts'

/** After a failure no call uses the database for this long: each would wait for it and log a warning. */
const PAUSE_MS = 10_000
/** The longest that a call waits to be counted; the database usually takes a millisecond. */
const PATIENCE_MS = 2_000
/** Expired windows are rows of about 100 bytes each. */
const ERASE_EVERY_MS = 10 * 60_000
const ERASE_AT_ONCE = 10_000
const ERASE_AFTER_MS = 60_000

/** A CallLimit counts calls by name: a window opens with a name's first call, ends a fixed time later, and holds a fixed number of calls. */
export interface CallLimit {
  /** Throws RateLimitExceeded. `refund` takes the call back, once, and only from the window that it was counted in. */
  consume(name: string): Promise<{ refund(): Promise<void> }>
}

interface LimitOptions {
  clock: Clock
  limit: number
  seconds: number
}

/** The limit within this process. */
export function localLimit(options: LimitOptions): CallLimit {
  const window = createFixedWindow(options)
  return {
    consume(name) {
      const wait = window.secondsUntilFree(name)
      if (wait > 0) return Promise.reject(new RateLimitExceeded(wait))
      const takeBack = window.add(name)
      return Promise.resolve({ refund: () => Promise.resolve(takeBack()) })
    },
  }
}

/** The limit of all processes that share a store, by its clock. If the database does not answer, each process counts for itself and no call is refused for it. */
export function sharedLimit({ store, logger, ...options }: LimitOptions & { store: Store; logger: Logger }): CallLimit {
  const { clock, limit, seconds } = options
  const local = localLimit(options)
  let pausedUntil = -Infinity

  const now = () => store.clock.now()

  /** One statement, so that two calls cannot take the last place. The end of a window identifies it. */
  async function count(name: string): Promise<{ endsAt: Date } | { waitSeconds: number }> {
    const [at, end] = [new Date(now()), new Date(now() + seconds * 1_000)]
    // Of no use after a crash, and all calls of a connection wait for its row.
    const [counted] = await store.engine.lazily(
      store.db,
      (condition) => sql<{ ends_at: Date }>`
      insert into call_windows as w (name, ends_at, events)
      values (${name}, ${end}, 1)
      on conflict (name) do update set
        events = case when w.ends_at <= ${at} then 1 else w.events + 1 end,
        ends_at = case when w.ends_at <= ${at} then excluded.ends_at else w.ends_at end
      where (w.ends_at <= ${at} or w.events < ${limit}) and ${condition}
      returning ends_at`,
    )
    if (counted) return { endsAt: counted.ends_at }
    const full = await store.db.selectFrom('call_windows').select('ends_at').where('name', '=', name).executeTakeFirst()
    return { waitSeconds: Math.max(1, full ? Math.ceil((full.ends_at.getTime() - now()) / 1_000) : seconds) }
  }

  async function takeBack(name: string, endsAt: Date): Promise<void> {
    // A window whose only call is taken back never opened.
    await store.engine.lazily(
      store.db,
      (condition) => sql`
      update call_windows
      set events = events - 1, ends_at = case when events = 1 then ${new Date(now())} else ends_at end
      where name = ${name} and ends_at = ${endsAt} and events > 0 and ${condition}`,
    )
  }

  async function erase(): Promise<void> {
    await store.db
      .deleteFrom('call_windows')
      .where('name', 'in', ({ selectFrom }) =>
        selectFrom('call_windows')
          .select('name')
          .where('ends_at', '<', new Date(now() - ERASE_AFTER_MS))
          .limit(ERASE_AT_ONCE)
          .forUpdate()
          .skipLocked(),
      )
      .execute()
  }

  const pause = (error: unknown, what: string) => {
    pausedUntil = clock.now() + PAUSE_MS
    logger.warn({ reason: storeReason(error) }, what)
  }
  store.every('call windows', ERASE_EVERY_MS, erase)

  return {
    async consume(name) {
      if (clock.now() < pausedUntil) return local.consume(name)
      let counted: Awaited<ReturnType<typeof count>>
      try {
        counted = await withTimeout(count(name), PATIENCE_MS)
      } catch (error) {
        pause(error, 'database does not answer; this process counts calls for itself for now')
        return local.consume(name)
      }
      if ('waitSeconds' in counted) throw new RateLimitExceeded(counted.waitSeconds)
      const { endsAt } = counted
      let refunded = false
      return {
        async refund() {
          if (refunded) return
          refunded = true
          await takeBack(name, endsAt).catch((error: unknown) => pause(error, 'call could not be refunded'))
        },
      }
    },
  }
}
