import type { Source } from '../deps.ts'

/** Without webhooks, and while webhooks are known to be missing: as often as polling triggers poll. */
export const POLL_EVERY_MS = 120_000
const DAY_MS = 24 * 3_600_000
const TOKENS_PER_LIST = 10
/** The webhook is checked once a day. */
const TOKENS_OF_CHECKS = 10

/** A ReconcileRound is the part of a comparison's result that decides when the next one is due. */
export interface ReconcileRound {
  mode: Source['mode']
  /** How many lists it reads. */
  lists: number
  /** It found an event whose webhook is overdue. */
  missed: boolean
}

/** Milliseconds until the next comparison, from the tokens that an idle connection may use each day. `random` is from 0 to 1. */
export function reconcileIntervalMs({ mode, lists, missed }: ReconcileRound, tokensPerDay: number, random: number): number {
  if (mode === 'polling' || missed) return POLL_EVERY_MS
  const rounds = Math.floor((tokensPerDay - TOKENS_OF_CHECKS) / (TOKENS_PER_LIST * Math.max(1, lists)))
  const pause = rounds < 1 ? DAY_MS : Math.max(POLL_EVERY_MS, DAY_MS / rounds)
  // Only later, as sooner would cost more. Sources that started together drift apart.
  return Math.round(pause * (1 + random * JITTER))
}

const JITTER = 0.1
