import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'

/** A FixedWindow counts events per name: a window opens with a name's first event, ends a fixed time later, and holds `limit` events. */
export interface FixedWindow {
  /** Whole seconds until another event fits; 0 when one fits now. */
  secondsUntilFree(name: string): number
  /** How many events still fit now. */
  left(name: string): number
  /** Counts an event. What it returns takes the event back, once, and only from the window that it was counted in. */
  add(name: string): () => void
}

interface Window {
  events: number
  endsAt: number
}

/** Above this many names the least recently used is dropped, so that callers cannot exhaust the memory: about 5 MB at most. */
const NAMES_MAX = 20_000

/** rate-limiter-flexible counts in the same way, but takes the time from the system only and keeps every name. */
export function createFixedWindow({ clock, limit, seconds }: { clock: Clock; limit: number; seconds: number }): FixedWindow {
  const windows = new LRUCache<string, Window>({ max: NAMES_MAX })
  const open = (name: string): Window | undefined => {
    const window = windows.get(name)
    return window && window.endsAt > clock.now() ? window : undefined
  }
  return {
    secondsUntilFree(name) {
      const window = open(name)
      // Rounded up: after exactly this wait the window is over.
      return window && window.events >= limit ? Math.ceil((window.endsAt - clock.now()) / 1000) : 0
    },
    left: (name) => limit - (open(name)?.events ?? 0),
    add(name) {
      let window = open(name)
      if (!window) {
        window = { events: 0, endsAt: clock.now() + seconds * 1000 }
        windows.set(name, window)
      }
      const counted = window
      counted.events++
      let isTakenBack = false
      return () => {
        if (isTakenBack) return
        isTakenBack = true
        counted.events--
        // A window whose only event is taken back never opened.
        if (counted.events === 0 && windows.peek(name) === counted) windows.delete(name)
      }
    },
  }
}
