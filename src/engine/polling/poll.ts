import type { Feed, FeedRow, Trigger } from '../../catalog/define.ts'
import type { Mapping } from '../../catalog/mapping.ts'
import type { Acting } from '../../connections/acting.ts'
import type { Clock } from '../../kit/clock.ts'
import { RateLimitExceeded } from '../../kit/errors/rate-limit-exceeded.ts'
import type { KeyRing } from '../../kit/key-ring.ts'
import type { Metrics } from '../../kit/metrics.ts'
import type { Names, Pipedrive } from '../../pipedrive/pipedrive.ts'
import type { PollOutcome } from '../call.ts'
import {
  BATCH,
  coveredFrom,
  decideNew,
  isNew,
  pageSize,
  planWindows,
  POLL_EVERY_SECONDS,
  startWatch,
  WINDOW,
  type Sight,
  type Watch,
} from './decide-new.ts'
import { InvalidTriggerState } from './invalid-trigger-state.ts'
import { sealTriggerState, type OpenTriggerState, type TriggerState } from './trigger-state.ts'

/** The contract's frequency of polls. */
const RETRY_AFTER_SECONDS = 120
/** While more is waiting; also when the ids looked at so far held nothing of ours, for what is ours may come right behind them. */
const RETRY_AFTER_SECONDS_BEHIND = 1

/** A Poll is one call of a polling trigger. */
export interface Poll {
  trigger: Trigger
  /** The state that the host followed; undefined on the first poll. */
  before: OpenTriggerState | undefined
  acting: Acting
  pipedrive: Pipedrive
  names: Names
  fillAll<S, C>(mapping: Mapping<S, C>, sources: readonly S[]): Promise<C[]>
  ring: KeyRing
  clock: Clock
  metrics: Metrics
  /** Whose records a feed with owners answers: those of the key's user, or everybody's. */
  activities: 'mine' | 'all'
  /** Throws when this company may not pass. The state knows its company, so that an idle poll need not ask whom the key acts as. */
  checkCompany(companyId: number): void
}

/** Looks, decides, fills, and makes the next state. A poll that fails makes none: the host repeats the one that it has. */
export async function pollTrigger(poll: Poll): Promise<PollOutcome> {
  const { trigger, before, acting, ring, clock, fillAll } = poll
  const now = unixSeconds(clock)
  if (before && now < before.notBefore) {
    poll.metrics.limitHit('polls')
    throw new RateLimitExceeded(before.notBefore - now)
  }

  const account = before?.madeWith(acting.key) ? before : await accountOf(poll.names, before)
  poll.checkCompany(account.companyId)
  // Everybody's records are listed and the others' left out afterwards: only so are they seen, and not new when they are re-assigned later.
  const { ownerId } = trigger.feed
  const ours = (row: FeedRow) => !ownerId || poll.activities === 'all' || ownerId(row) === account.userId
  const { items, watch } = await look(poll, before?.watch, now, ours)
  const filled = await fillAll(trigger.feed.fields, items)

  const atOnce = !before || watch.behind || items.length === BATCH
  const notBefore = atOnce ? 0 : unixSeconds(clock) + POLL_EVERY_SECONDS
  const { companyId, userId } = account
  const after: TriggerState = { companyId, userId, connectionKeyId: acting.connection?.keyId, watch, notBefore }
  return {
    items: filled,
    state: sealTriggerState(after, acting.key, { triggerId: trigger.id, ring }),
    retryAfterSeconds: watch.behind ? RETRY_AFTER_SECONDS_BEHIND : RETRY_AFTER_SECONDS,
  }
}

type Account = Pick<TriggerState, 'companyId' | 'userId'>

/** A colleague's key in the same company goes on where the flow was, from now on with the colleague's own activities. */
async function accountOf(names: Names, before: Account | undefined): Promise<Account> {
  const me = await names.me()
  if (before && before.companyId !== me.company_id) {
    throw new InvalidTriggerState(
      `This trigger state belongs to the Pipedrive company ${before.companyId}, but the API key of this call to company ${me.company_id}.`,
    )
  }
  return { companyId: me.company_id, userId: me.id }
}

type Ours = (row: FeedRow) => boolean

async function look(poll: Poll, before: Watch | undefined, now: number, ours: Ours): Promise<{ items: FeedRow[]; watch: Watch }> {
  const feed = poll.trigger.feed as Feed<FeedRow, unknown>
  const newest = pageSize(before)
  const page = await feed.list(poll.pipedrive, { newest })
  const covered = coveredFrom(page, newest)
  if (!before) return { items: [], watch: startWatch(page.rows, covered, now) }
  return decideNew(before, await lookFurther(poll, feed, before, page.rows, covered, now, ours), now, ours)
}

/** Asks by id for what the page does not cover: late ones below the watermark, then the backlog above it, until the answer is full. */
async function lookFurther(
  { pipedrive }: Poll,
  feed: Feed<FeedRow, unknown>,
  before: Watch,
  newest: readonly FeedRow[],
  covered: number,
  now: number,
  ours: Ours,
): Promise<Sight<FeedRow>> {
  const rows = [...newest]
  const { late, lateLookedFor, backlog } = planWindows(before, covered, now)
  for (const ids of late) rows.push(...(await feed.list(pipedrive, { ids })).rows)

  let from = backlog.from
  const isFull = () => rows.filter((row) => row.id < from && ours(row) && isNew(row, before)).length >= BATCH
  for (let asked = 0; from <= backlog.until && asked < backlog.windows && !isFull(); asked++) {
    const ids = Array.from({ length: Math.min(WINDOW, backlog.until - from + 1) }, (_, i) => from + i)
    rows.push(...(await feed.list(pipedrive, { ids })).rows)
    from += ids.length
  }
  return { rows, lateLookedFor, knownUpTo: from > backlog.until ? Infinity : from - 1 }
}

const unixSeconds = (clock: Clock): number => Math.floor(clock.now() / 1_000)
