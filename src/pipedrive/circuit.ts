import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'

const FIRST_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 15 * 60_000
/** A probe that never reports (its process part died, a bug) must not block a key for ever; no call takes longer than this. */
const PROBE_LOST_MS = 60_000
/** One blocked key is that key's problem; this many within a minute mean that the firewall is after our address. */
const KEYS_FOR_SERVER = 3
const SERVER_WITHIN_MS = 60_000
/** Keys that met the firewall lately: a few hundred bytes each. */
const KEYS_MAX = 10_000

/** A Circuit is what a firewall made of one way to Pipedrive: none (undefined) when calls flow, else how long to stay away, and whether one call is trying. */
export type Circuit = { readonly openUntil: number; readonly pauseMs: number; readonly probeSince?: number } | undefined

/** How an attempt went, as far as the firewall goes: it was blocked, it came through, or no answer told. */
export type Passage = 'blocked' | 'passed' | 'unknown'

/** Milliseconds to stay away; 0 when a call may go (as the probe, when the circuit is open). */
export function blockedMs(circuit: Circuit, now: number): number {
  if (!circuit) return 0
  if (now < circuit.openUntil) return circuit.openUntil - now
  if (circuit.probeSince === undefined) return 0
  return Math.max(0, circuit.probeSince + PROBE_LOST_MS - now)
}

/** A call goes out. Only after `blockedMs` said 0. */
export const enter = (circuit: Circuit, now: number): Circuit => circuit && { ...circuit, probeSince: now }

/** A call came back. Only the probe closes an open circuit or lengthens its pause: the others were sent before it opened. */
export function leave(circuit: Circuit, wasProbe: boolean, passage: Passage, now: number): Circuit {
  if (!circuit) return passage === 'blocked' ? { openUntil: now + FIRST_PAUSE_MS, pauseMs: FIRST_PAUSE_MS } : undefined
  if (!wasProbe) return circuit
  if (passage === 'passed') return undefined
  if (passage === 'unknown') return { openUntil: circuit.openUntil, pauseMs: circuit.pauseMs }
  const pauseMs = Math.min(circuit.pauseMs * 2, LONGEST_PAUSE_MS)
  return { openUntil: now + pauseMs, pauseMs }
}

/** Circuits keep this process away from Pipedrive's firewall once it has bitten: hammering it makes the ban longer. */
export interface Circuits {
  /** Milliseconds for which this key must not call; 0 when it may. */
  blockedMs(keyDigest: string): number
  /** A call goes out; the answer must be told how it went, exactly once. */
  enter(keyDigest: string): (passage: Passage) => void
}

/** `changed` is told of each circuit that opens or closes: those of keys, and the server's. */
export function createCircuits(clock: Clock, changed: (state: 'open' | 'closed') => void = () => undefined): Circuits {
  const perKey = new LRUCache<string, NonNullable<Circuit>>({
    max: KEYS_MAX,
    dispose: (_circuit, _digest, reason) => void (reason === 'evict' && changed('closed')),
  })
  const latelyBlocked = new LRUCache<string, true>({ max: KEYS_FOR_SERVER, ttl: SERVER_WITHIN_MS, ttlResolution: 0, perf: clock })
  let server: Circuit

  const tell = (before: Circuit, after: Circuit) => {
    if (!before !== !after) changed(after ? 'open' : 'closed')
  }
  const keep = (digest: string, circuit: Circuit) => {
    tell(perKey.peek(digest), circuit)
    if (circuit) perKey.set(digest, circuit)
    else perKey.delete(digest)
  }

  return {
    blockedMs: (digest) => Math.max(blockedMs(server, clock.now()), blockedMs(perKey.get(digest), clock.now())),

    enter(digest) {
      const probesKey = perKey.has(digest)
      const probesServer = server !== undefined
      keep(digest, enter(perKey.get(digest), clock.now()))
      server = enter(server, clock.now())
      return (passage) => {
        const now = clock.now()
        keep(digest, leave(perKey.get(digest), probesKey, passage, now))
        if (passage === 'blocked') latelyBlocked.set(digest, true)
        latelyBlocked.purgeStale()
        const serverMeetsIt = passage === 'blocked' && (server !== undefined || latelyBlocked.size >= KEYS_FOR_SERVER)
        const before = server
        server = leave(server, probesServer, passage === 'blocked' && !serverMeetsIt ? 'unknown' : passage, now)
        tell(before, server)
      }
    },
  }
}
