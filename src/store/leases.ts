import { randomUUID } from 'node:crypto'
import type { Logger } from '../kit/logger.ts'
import type { LeasedTable } from './lease-statements.ts'
import { storeReason } from './store-reason.ts'
import type { Store } from './store.ts'

/** A Lease says whether its worker still has a row for itself. */
export interface Lease {
  /** False once another process may have taken it over: then begin nothing more. Once false, it stays so. */
  isHeld(): boolean
}

/** Leases are the rows of one table that one worker has for itself. What it has is renewed until it is given back. */
export interface Leases {
  /** Rows that are due by `now`, and nobody's. */
  claimDue(now: Date, limit: number): Promise<string[]>
  /** Rows that others have left behind, or that this worker has lost sight of: the database was away when they were claimed or given back. */
  claimLeft(limit: number): Promise<string[]>
  /** Due or not; while it is leased it is due at `dueAt` at the latest. */
  claimOne(id: string, dueAt: Date): Promise<'claimed' | 'busy' | 'gone'>
  /** Of a row that was claimed. */
  leaseOf(id: string): Lease
  /** Gives it back, due at `due` or sooner. Answers when it is due; nothing when it is another's by now. */
  release(id: string, due: Date): Promise<Date | undefined>
  /** How many it has. */
  readonly size: number
  /** Renews nothing any more. */
  stop(): void
}

const RENEW_EVERY_MS = 8_000
/** By this process's own steady count, which never jumps: before the database gives the row away, which it does after 30 s. */
const HELD_MS = 24_000

export function createLeases({ engine, table, logger }: Pick<Store, 'engine'> & { table: LeasedTable; logger: Logger }): Leases {
  const me = randomUUID()
  const { leases } = engine
  /** Since when a row was known to be ours. */
  const held = new Map<string, number>()

  const renew = async (): Promise<void> => {
    const ids = [...held.keys()]
    if (ids.length === 0) return
    const since = performance.now()
    try {
      const kept = await leases.renew(table, me, ids)
      for (const id of ids) {
        const known = held.get(id)
        // One that was claimed once more meanwhile is newer than this answer.
        if (known !== undefined && known <= since) held.set(id, kept.has(id) ? since : -Infinity)
      }
    } catch (error) {
      logger.warn({ table, reason: storeReason(error) }, 'leases could not be renewed')
    }
  }
  const renewing = setInterval(() => void renew(), RENEW_EVERY_MS).unref()

  /** The lease counts from before the database was asked: its answer may have been long under way. */
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
      // What was left out because of it must not be taken for done when the lease turns out to be ours after all.
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
