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

/** A BurstWindow is what is known of one key's burst budget: by Pipedrive's last answer, and by the calls that we made ourselves. */
export interface BurstWindow {
  /** Requests per window; undefined until an answer told. */
  limit?: number
  /** What the last answer left, until `resetAt`. */
  remaining?: number
  resetAt: number
  /** Calls sent after that answer, which it cannot have counted. */
  sentSince: number
  /** When our own calls of the last window went out, oldest first. */
  sent: readonly number[]
}

const unknownWindow: BurstWindow = { resetAt: 0, sentSince: 0, sent: [] }

/** Milliseconds until one more call fits the window; 0 when it does now. What no answer has told yet does not hold anything up. */
export function burstWaitMs({ limit, remaining, resetAt, sentSince, sent }: BurstWindow, now: number): number {
  const windowStart = now - BURST_WINDOW_MS
  const ours = sent.filter((at) => at > windowStart)
  const byUs = limit !== undefined && ours.length >= limit ? ours[ours.length - limit]! - windowStart : 0
  const byThem = remaining !== undefined && remaining - sentSince <= 0 ? resetAt - now : 0
  const wait = Math.max(byUs, byThem)
  return wait > 0 ? wait + MARGIN_MS : 0
}

export function burstSent(window: BurstWindow, now: number): BurstWindow {
  const sent = window.limit === undefined ? [] : [...window.sent.filter((at) => at > now - BURST_WINDOW_MS), now]
  return { ...window, sentSince: window.sentSince + 1, sent }
}

/** Without headers the window stays as it was. */
export function burstAnswered(window: BurstWindow, { limit, remaining, resetMs }: RateHeaders, now: number): BurstWindow {
  if (remaining === undefined) return window
  // A limit of 0 would never let a call through again.
  return {
    ...window,
    limit: limit || window.limit,
    remaining,
    resetAt: now + Math.min(resetMs ?? BURST_WINDOW_MS, LONGEST_WINDOW_MS),
    sentSince: 0,
  }
}

/** A BurstGate holds calls back that Pipedrive would answer with 429: each of those is one step nearer to its firewall. */
export interface BurstGate {
  waitMs(keyDigest: string): number
  sent(keyDigest: string): void
  answered(keyDigest: string, rate: RateHeaders): void
}

export function createBurstGate(clock: Clock): BurstGate {
  const windows = new LRUCache<string, BurstWindow>({ max: KEYS_MAX })
  const of = (digest: string) => windows.get(digest) ?? unknownWindow
  return {
    waitMs: (digest) => burstWaitMs(of(digest), clock.now()),
    sent: (digest) => void windows.set(digest, burstSent(of(digest), clock.now())),
    answered: (digest, rate) => void windows.set(digest, burstAnswered(of(digest), rate, clock.now())),
  }
}
