import { setTimeout as pause } from 'node:timers/promises'
import { createLeases, type Lease } from '../../store/leases.ts'
import { SourceBusy } from '../errors/source-busy.ts'
import { SOURCES, type DeliveryDeps } from '../deps.ts'

/** Hosts wait 120 s for a response. */
const WAIT_MAX_MS = 60_000
const RETRY_EVERY_MS = 50

/**
 * Runs with the lease of a source, which neither the work queue nor another subscriber has meanwhile: two would register two webhooks. Throws
 * SourceBusy after `waitMaxMs`, and what `run` throws if it loses the lease. Returns undefined if the source is gone. The source stays due while it
 * is leased here, so the queue runs it afterwards even if this process dies; and the account's other sources keep the account's key (`endSource`).
 */
export async function withSourceLease<T>(
  { store, clock, logger }: Pick<DeliveryDeps, 'store' | 'clock' | 'logger'>,
  id: string,
  run: (lease: Lease) => Promise<T>,
  waitMaxMs: number = WAIT_MAX_MS,
): Promise<T | undefined> {
  const leases = createLeases({ engine: store.engine, table: SOURCES, logger })
  try {
    const since = performance.now()
    for (;;) {
      const claimed = await leases.claimOne(id, new Date(clock.now()))
      if (claimed === 'gone') return undefined
      if (claimed === 'claimed') break
      if (performance.now() - since > waitMaxMs) throw new SourceBusy()
      await pause(RETRY_EVERY_MS)
    }
    try {
      return await run(leases.leaseOf(id))
    } finally {
      // Due at once: interrupted work continues, and what arrived meanwhile is processed.
      await leases.release(id, new Date(clock.now())).catch(() => {})
      store.signal(SOURCES)
    }
  } finally {
    leases.stop()
  }
}

/** For use before what must not be done twice. Throws SourceBusy if another process may have the source by now. */
export function assertHeld(lease: Lease): void {
  if (!lease.isHeld()) throw new SourceBusy()
}
