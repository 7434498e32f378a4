import { setTimeout as pause } from 'node:timers/promises'
import { createLeases, type Lease } from '../../store/leases.ts'
import { SourceBusy } from '../errors/source-busy.ts'
import { SOURCES, type DeliveryDeps } from '../deps.ts'

/** Hosts wait for 120 s. */
const PATIENCE_MS = 60_000
const LOOK_EVERY_MS = 50

/**
 * Works on a source while nobody else does, neither a lane nor another subscriber: two would make two webhooks. Throws SourceBusy after
 * `patienceMs`, and what `run` throws when it finds its lease lost. Answers undefined when the source is gone. The source is due as long as it is
 * leased here, so its lane runs afterwards in any case, also where this process dies; and the lanes of the account's other sources leave the account's
 * key alone (`endSource`).
 */
export async function withSource<T>(
  { store, clock, logger }: Pick<DeliveryDeps, 'store' | 'clock' | 'logger'>,
  id: string,
  run: (lease: Lease) => Promise<T>,
  patienceMs: number = PATIENCE_MS,
): Promise<T | undefined> {
  const leases = createLeases({ engine: store.engine, table: SOURCES, logger })
  try {
    const since = performance.now()
    for (;;) {
      const claimed = await leases.claimOne(id, new Date(clock.now()))
      if (claimed === 'gone') return undefined
      if (claimed === 'claimed') break
      if (performance.now() - since > patienceMs) throw new SourceBusy()
      await pause(LOOK_EVERY_MS)
    }
    try {
      return await run(leases.leaseOf(id))
    } finally {
      // Due at once: what a lane that has died here was at goes on, and what came meanwhile is not overlooked.
      await leases.release(id, new Date(clock.now())).catch(() => {})
      store.signal(SOURCES)
    }
  } finally {
    leases.stop()
  }
}

/** Before what may not be done twice. Throws SourceBusy when another process may have the source by now. */
export function mustHold(lease: Lease): void {
  if (!lease.isHeld()) throw new SourceBusy()
}
