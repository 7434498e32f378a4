import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import { BURST_WINDOW_MS } from './decide-retry.ts'
import type { RateHeaders } from './rate-headers.ts'

/** Our clock and Pipedrive's do not see a request at the same moment. */
const MARGIN_MS = 50
/** The window is documented as 2 s; a header that says much more (an epoch in an unknown form, a broken proxy) must not stop a key for hours. */
const LONGEST_WINDOW_MS = 10_000
/** Keys that called within the last seconds. */
const KEYS_MAX = 10_000

/** A BurstWindow is what is known of one key's burst budget. Calls are numbered in the order in which they are sent. */
export interface BurstWindow {
  /** Requests per window; undefined until an answer told. */
  readonly limit?: number
  /** What is left until `resetAt` after call number `upTo`. */
  readonly remaining: number
  readonly upTo: number
  readonly resetAt: number
  /** The number of the last call that was sent. */
  readonly last: number
}

export const unknownWindow: BurstWindow = { remaining: 0, upTo: 0, resetAt: 0, last: 0 }

/** Milliseconds until one more call fits the window. The calls sent after the one that told what is left are taken off it: they are under way, or told less. */
export function burstWaitMs({ limit, remaining, upTo, resetAt, last }: BurstWindow, now: number): number {
  const fits = limit === undefined || now >= resetAt || remaining - (last - upTo) > 0
  return fits ? 0 : resetAt - now + MARGIN_MS
}

/** One more call goes out; its number is the window's `last`. The first one after a window's end begins a new one, of which all is assumed to be left. */
export function burstSent(window: BurstWindow, now: number): BurstWindow {
  const { limit, resetAt, last } = window
  const begun = limit !== undefined && now >= resetAt ? { remaining: limit, upTo: last, resetAt: now + BURST_WINDOW_MS } : {}
  return { ...window, ...begun, last: last + 1 }
}

/** The call with this number was answered. An answer that was overtaken by the one to a later call, or that has no headers, tells nothing new. */
export function burstAnswered(window: BurstWindow, call: number, { limit, remaining, resetMs }: RateHeaders, now: number): BurstWindow {
  // A limit of 0 would never let a call through again.
  if (!limit || remaining === undefined || (call < window.upTo && now < window.resetAt)) return window
  return { ...window, limit, remaining, upTo: call, resetAt: now + Math.min(resetMs ?? BURST_WINDOW_MS, LONGEST_WINDOW_MS) }
}

/** A BurstGate holds calls back that Pipedrive would answer with 429: each of those is one step nearer to its firewall. */
export interface BurstGate {
  waitMs(keyDigest: string): number
  /** A call goes out; the answer takes what its headers told. */
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
