import { LRUCache } from 'lru-cache'
import type { Clock } from '../../kit/clock.ts'
import type { Logger } from '../../kit/logger.ts'
import type { Metrics } from '../../kit/metrics.ts'
import type { TriggerState } from './trigger-state.ts'

/** A LostLocations finds hosts that drop the Location of their polls: each of their polls is a first one, which returns no records. */
export interface LostLocations {
  /** Counts a poll that was answered. `before` is the state that it carried; `account` is the connection's name in the log. */
  record(poll: { triggerId: string; principal: string; account: string; before: Pick<TriggerState, 'notBefore'> | undefined }): void
}

/** A PollStarts counts the first polls of one trigger and connection, since a time in milliseconds. */
export interface PollStarts {
  since: number
  /** Polls without a state. Each is answered with the Location of a first state. */
  started: number
  /** Polls with a first state. */
  followed: number
}

const MINUTE_MS = 60_000
/** Counts begin again after this time, so a host that still drops its Locations is logged once a day. */
export const STARTS_KEPT_MS = 24 * 60 * MINUTE_MS
/** Flows that are turned on together start within minutes, and their next polls come 2 minutes later. */
const PATIENCE_MS = 15 * MINUTE_MS
/** A maker who tests a flow starts it some times. */
const UNFOLLOWED_MIN = 5
/** Triggers of connections; above this many the least recently used is forgotten: 0.5 MB at most. */
const STARTS_MAX = 2_000

/**
 * Whether a host drops its Locations: many starts were not followed, and most were not. Several flows may share a connection, and another process
 * may have answered the start or the poll that follows it.
 */
export function dropsLocations({ since, started, followed }: PollStarts, now: number): boolean {
  const unfollowed = started - followed
  return now - since >= PATIENCE_MS && unfollowed >= UNFOLLOWED_MIN && unfollowed * 2 >= started
}

export function createLostLocations({ clock, logger, metrics }: { clock: Clock; logger: Logger; metrics: Metrics }): LostLocations {
  const starts = new LRUCache<string, PollStarts & { isLogged: boolean }>({ max: STARTS_MAX })
  return {
    record({ triggerId, principal, account, before }) {
      // A state of a later poll says nothing about starts.
      if (before && before.notBefore !== 0) return
      const now = clock.now()
      const name = `${triggerId} ${principal}`
      let counts = starts.get(name)
      if (!counts || now - counts.since >= STARTS_KEPT_MS) {
        if (before) return
        counts = { since: now, started: 0, followed: 0, isLogged: false }
        starts.set(name, counts)
      }
      counts[before ? 'followed' : 'started']++
      if (before || !dropsLocations(counts, now)) return
      metrics.lostLocation(triggerId)
      if (counts.isLogged) return
      counts.isLogged = true
      const { started, followed } = counts
      logger.warn({ account, trigger: triggerId, started, followed }, LOST_LOCATIONS)
    },
  }
}

/** Says the way out, too. */
const LOST_LOCATIONS =
  'a host polls without the Location of its last poll, so its trigger never fires; let every proxy pass Location and Retry-After, or use the instant trigger'
