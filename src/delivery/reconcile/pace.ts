import type { Source } from '../deps.ts'

/** Where there are no webhooks, lists are the source, as often as the polling triggers look. Also while webhooks are seen to fail. */
export const POLL_EVERY_MS = 120_000
const DAY_MS = 24 * 3_600_000
const TOKENS_PER_LIST = 10
/** The webhook is looked after once a day. */
const TOKENS_OF_CHECKS = 10

/** What a round has shown, as far as it decides when the next one is. */
export interface ReconcileRound {
  mode: Source['mode']
  /** How many lists it read. */
  lists: number
  /** It found what a webhook should have told long ago. */
  missed: boolean
}

/** Milliseconds until lists are to be compared again: what an idle connection may cost a day decides. `random` is from 0 to 1. */
export function paceMs({ mode, lists, missed }: ReconcileRound, tokensPerDay: number, random: number): number {
  if (mode === 'polling' || missed) return POLL_EVERY_MS
  const rounds = Math.floor((tokensPerDay - TOKENS_OF_CHECKS) / (TOKENS_PER_LIST * Math.max(1, lists)))
  const pause = rounds < 1 ? DAY_MS : Math.max(POLL_EVERY_MS, DAY_MS / rounds)
  // Never sooner: that would cost more. Many that started together drift apart.
  return Math.round(pause * (1 + random * JITTER))
}

const JITTER = 0.1
