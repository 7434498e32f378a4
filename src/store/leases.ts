import { randomUUID } from 'node:crypto'
import type { Logger } from '../kit/logger.ts'
import type { LeasedTable } from './lease-statements.ts'
import { storeReason } from './store-reason.ts'
import type { Store } from './store.ts'

/** A Lease says whether its worker still holds a row. */
export interface Lease {
  /** False once another process may hold the row: then start nothing more. Once false, it stays false. */
  isHeld(): boolean
}

/** Leases are the rows of one table that one worker holds. They are renewed until they are released. */
export interface Leases {
  /** Rows that are due by `now` and not leased. */
  claimDue(now: Date, limit: number): Promise<string[]>
  /** Rows whose lease has expired, or that this worker leased without learning of it because the database did not answer. */
  claimLeft(limit: number): Promise<string[]>
  /** Due or not; it becomes due at `dueAt` at the latest. */
  claimOne(id: string, dueAt: Date): Promise<'claimed' | 'busy' | 'gone'>
  /** The lease of a claimed row. */
  leaseOf(id: string): Lease
  /** Releases it, due at `due` or sooner. Returns when it is due; undefined if another worker holds it. */
  release(id: string, due: Date): Promise<Date | undefined>
  /** The number of held rows. */
  readonly size: number
  /** Stops renewing. */
  stop(): void
}

const RENEW_EVERY_MS = 8_000
/** By the monotonic clock of this process. Shorter than the 30 s after which the database leases the row to another worker. */
const HELD_MS = 24_000

export function createLeases({ engine, table, logger }: Pick<Store, 'engine'> & { table: LeasedTable; logger: Logger }): Leases {
  const me = randomUUID()
  const { leases } = engine
  /** When each row was last confirmed as held. */
  const held = new Map<string, number>()

  const renew = async (): Promise<void> => {
    const ids = [...held.keys()]
    if (ids.length === 0) return
    const since = performance.now()
    try {
      const renewed = await leases.renew(table, me, ids)
      for (const id of ids) {
        const known = held.get(id)
        // A row that was claimed again meanwhile is newer than this answer.
        if (known !== undefined && known <= since) held.set(id, renewed.has(id) ? since : -Infinity)
      }
    } catch (error) {
      logger.warn({ table, reason: storeReason(error) }, 'lease renewal failed')
    }
  }
  const renewing = setInterval(() => void renew(), RENEW_EVERY_MS).unref()

  /** The lease counts from before the request: the answer of the database may take long. */
  const hold = (ids: readonly string[], since: number): string[] => {
    for (const id of ids) held.set(id, since)
    return [...ids]
  }
  const claim = (limit: number) => ({ table, me, limit, except: [...held.keys()] })

  return {
    async claimDue(now, limit) {
      const since = performance.now()
      return hold(await leases.claimDue(claim(limit), now), since)
    },
    async claimLeft(limit) {
      const since = performance.now()
      return hold(await leases.claimLeft(claim(limit)), since)
    },
    async claimOne(id, dueAt) {
      const since = performance.now()
      const claimed = await leases.claimOne(table, id, me, dueAt)
      if (claimed === 'claimed') hold([id], since)
      return claimed
    },
    leaseOf(id) {
      // A caller that skipped work for a lost lease must not see it as held later.
      let lost = false
      return { isHeld: () => !(lost ||= performance.now() - (held.get(id) ?? -Infinity) >= HELD_MS) }
    },
    async release(id, due) {
      try {
        return await leases.release(table, me, id, due)
      } finally {
        held.delete(id)
      }
    },
    get size() {
      return held.size
    },
    stop: () => clearInterval(renewing),
  }
}
