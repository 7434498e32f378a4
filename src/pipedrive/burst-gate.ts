import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import { BURST_WINDOW_MS } from './decide-retry.ts'
import type { RateHeaders } from './rate-headers.ts'

/** Our clock and Pipedrive's record a request at slightly different times. */
const MARGIN_MS = 50
/** The window is documented as 2 s; a header with a much larger value (an epoch in an unknown form, a broken proxy) must not block a key for hours. */
const LONGEST_WINDOW_MS = 10_000
/** Keys that called within the last seconds. */
const KEYS_MAX = 10_000

/** A BurstWindow is what is known of one key's burst budget. Calls are numbered in the order in which they are sent. */
export interface BurstWindow {
  /** Requests per window; undefined until an answer has the header. */
  readonly limit?: number
  /** The requests left until `resetAt`, after call number `upTo`. */
  readonly remaining: number
  readonly upTo: number
  readonly resetAt: number
  /** The number of the last call that was sent. */
  readonly last: number
}

export const unknownWindow: BurstWindow = { remaining: 0, upTo: 0, resetAt: 0, last: 0 }

/** Milliseconds until another call fits the window. Calls sent after the one that reported `remaining` are subtracted: they are in flight, or reported less. */
export function burstWaitMs({ limit, remaining, upTo, resetAt, last }: BurstWindow, now: number): number {
  const fits = limit === undefined || now >= resetAt || remaining - (last - upTo) > 0
  return fits ? 0 : resetAt - now + MARGIN_MS
}

/** Counts a call that is sent; its number is the window's `last`. The first call after a window's end starts a new window with the full limit. */
export function burstSent(window: BurstWindow, now: number): BurstWindow {
  const { limit, resetAt, last } = window
  const newWindow = limit !== undefined && now >= resetAt ? { remaining: limit, upTo: last, resetAt: now + BURST_WINDOW_MS } : {}
  return { ...window, ...newWindow, last: last + 1 }
}

/** Applies the answer to the call with this number. An answer that arrives after the answer to a later call, or that has no headers, changes nothing. */
export function burstAnswered(window: BurstWindow, call: number, { limit, remaining, resetMs }: RateHeaders, now: number): BurstWindow {
  // A limit of 0 would never let a call through again.
  if (!limit || remaining === undefined || (call < window.upTo && now < window.resetAt)) return window
  return { ...window, limit, remaining, upTo: call, resetAt: now + Math.min(resetMs ?? BURST_WINDOW_MS, LONGEST_WINDOW_MS) }
}

/** A BurstGate delays calls that Pipedrive would answer with 429: repeated 429s lead to a firewall block. */
export interface BurstGate {
  waitMs(keyDigest: string): number
  /** Counts a call that is sent; call the returned function with the headers of its answer. */
  send(keyDigest: string): (rate: RateHeaders) => void
}

export function createBurstGate(clock: Clock): BurstGate {
  const windows = new LRUCache<string, BurstWindow>({ max: KEYS_MAX })
  const of = (digest: string) => windows.get(digest) ?? unknownWindow
  return {
    waitMs: (digest) => burstWaitMs(of(digest), clock.now()),
    send(digest) {
      const sent = burstSent(of(digest), clock.now())
      windows.set(digest, sent)
      return (rate) => void windows.set(digest, burstAnswered(of(digest), sent.last, rate, clock.now()))
    },
  }
}
