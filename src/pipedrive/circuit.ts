import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'

const FIRST_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 15 * 60_000
/** A probe that never reports (because of a bug) must not block a key permanently; no call takes longer than this. */
const PROBE_LOST_MS = 60_000
/** One blocked key is a problem of that key; this many within a minute mean that the firewall blocks our address. */
const KEYS_FOR_SERVER = 3
const SERVER_WITHIN_MS = 60_000
/** Keys that the firewall blocked recently: a few hundred bytes each. */
const KEYS_MAX = 10_000

/** A Circuit is the state of calls to Pipedrive after a firewall block: undefined while closed, else how long it is open and whether a probe is in flight. */
export type Circuit = { readonly openUntil: number; readonly pauseMs: number; readonly probeSince?: number } | undefined

/** The firewall's response to a call: it was blocked, it passed, or there was no answer. */
export type Passage = 'blocked' | 'passed' | 'unknown'

/** Milliseconds for which no call may be sent; 0 if a call may be sent (as the probe, if the circuit is open). */
export function blockedMs(circuit: Circuit, now: number): number {
  if (!circuit) return 0
  if (now < circuit.openUntil) return circuit.openUntil - now
  if (circuit.probeSince === undefined) return 0
  return Math.max(0, circuit.probeSince + PROBE_LOST_MS - now)
}

/** Records a call that is sent. Only after `blockedMs` returned 0. */
export const enter = (circuit: Circuit, now: number): Circuit => circuit && { ...circuit, probeSince: now }

/** Records the result of a call. Only the probe closes an open circuit or lengthens its pause: the other calls were sent before it opened. */
export function leave(circuit: Circuit, wasProbe: boolean, passage: Passage, now: number): Circuit {
  if (!circuit) return passage === 'blocked' ? { openUntil: now + FIRST_PAUSE_MS, pauseMs: FIRST_PAUSE_MS } : undefined
  if (!wasProbe) return circuit
  if (passage === 'passed') return undefined
  if (passage === 'unknown') return { openUntil: circuit.openUntil, pauseMs: circuit.pauseMs }
  const pauseMs = Math.min(circuit.pauseMs * 2, LONGEST_PAUSE_MS)
  return { openUntil: now + pauseMs, pauseMs }
}

/** Circuits stop calls after a block by Pipedrive's firewall: further calls make the block longer. */
export interface Circuits {
  /** Milliseconds for which this key must not call; 0 if it may. */
  blockedMs(keyDigest: string): number
  /** Records a call that is sent; call the returned function exactly once with its result. */
  enter(keyDigest: string): (passage: Passage) => void
}

/** Calls `changed` for each circuit that opens or closes: those of keys, and the server's. */
export function createCircuits(clock: Clock, changed: (state: 'open' | 'closed') => void = () => undefined): Circuits {
  const perKey = new LRUCache<string, NonNullable<Circuit>>({
    max: KEYS_MAX,
    dispose: (_circuit, _digest, reason) => void (reason === 'evict' && changed('closed')),
  })
  const recentlyBlocked = new LRUCache<string, true>({ max: KEYS_FOR_SERVER, ttl: SERVER_WITHIN_MS, ttlResolution: 0, perf: clock })
  let server: Circuit

  const notify = (before: Circuit, after: Circuit) => {
    if (!before !== !after) changed(after ? 'open' : 'closed')
  }
  const setCircuit = (digest: string, circuit: Circuit) => {
    notify(perKey.peek(digest), circuit)
    if (circuit) perKey.set(digest, circuit)
    else perKey.delete(digest)
  }

  return {
    blockedMs: (digest) => Math.max(blockedMs(server, clock.now()), blockedMs(perKey.get(digest), clock.now())),

    enter(digest) {
      const probesKey = perKey.has(digest)
      const probesServer = server !== undefined
      setCircuit(digest, enter(perKey.get(digest), clock.now()))
      server = enter(server, clock.now())
      return (passage) => {
        const now = clock.now()
        setCircuit(digest, leave(perKey.get(digest), probesKey, passage, now))
        if (passage === 'blocked') recentlyBlocked.set(digest, true)
        recentlyBlocked.purgeStale()
        const isServerBlocked = passage === 'blocked' && (server !== undefined || recentlyBlocked.size >= KEYS_FOR_SERVER)
        const before = server
        server = leave(server, probesServer, passage === 'blocked' && !isServerBlocked ? 'unknown' : passage, now)
        notify(before, server)
      }
    },
  }
}
