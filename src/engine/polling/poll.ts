import type { PollSource, Trigger } from '../../catalog/define.ts'
import type { Mapping } from '../../catalog/mapping.ts'
import type { RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { Principal } from '../../connections/principal.ts'
import type { Clock } from '../../kit/clock.ts'
import { RateLimitExceeded } from '../../kit/errors/rate-limit-exceeded.ts'
import type { KeyRing } from '../../kit/key-ring.ts'
import type { Metrics } from '../../kit/metrics.ts'
import type { ReferenceData, Pipedrive } from '../../pipedrive/pipedrive.ts'
import type { PollOutcome } from '../engine.ts'
import { BATCH, POLL_EVERY_SECONDS, type Cursor } from './decide-new.ts'
import { InvalidTriggerState } from './invalid-trigger-state.ts'
import { hasMoreChanges, changeReaderOf, type ChangeCursor } from './decide-changes.ts'
import { scanForChanges } from './scan-for-changes.ts'
import { scanForNew } from './scan-for-new.ts'
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
  /** What the caller has narrowed it to, by the names of `RecordKind.filters`. It travels in the query of the Location; states serve any. */
  filters: Readonly<Record<string, unknown>>
  acting: Principal
  pipedrive: Pipedrive
  names: ReferenceData
  fillAll<S, C>(mapping: Mapping<S, C>, sources: readonly S[]): Promise<C[]>
  ring: KeyRing
  clock: Clock
  metrics: Metrics
  /** Whose records a feed with owners answers: those of the key's user, or everybody's. */
  activities: 'mine' | 'all'
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
  const { items, watch, behind } = await look(poll, account.userId, now)
  const filled = await fillAll((trigger.poll as PollSource<TriggerRow, unknown>).fields, items)

  const atOnce = !before || behind || items.length === BATCH
  const notBefore = atOnce ? 0 : unixSeconds(clock) + POLL_EVERY_SECONDS
  const { companyId, userId } = account
  const after: TriggerState = { companyId, userId, connectionKeyId: acting.connection?.keyId, watch, notBefore }
  return {
    items: filled,
    state: sealTriggerState(after, acting.key, { triggerId: trigger.id, ring }),
    retryAfterSeconds: behind ? RETRY_AFTER_SECONDS_BEHIND : RETRY_AFTER_SECONDS,
  }
}

interface ScanFeed {
  items: TriggerRow[]
  watch: Cursor | ChangeCursor
  behind: boolean
}

async function look(poll: Poll, userId: number, now: number): Promise<ScanFeed> {
  const { trigger, before, filters, pipedrive } = poll
  const about = trigger.record as RecordKind
  const feed = trigger.poll as PollSource<TriggerRow, unknown>
  const wanted = Object.entries(filters)
  // Who names an owner has said whose records are meant.
  const ownerId = poll.activities === 'all' || filters['owner_id'] !== undefined ? undefined : feed.ownerId
  // Everybody's records are listed and the others' left out afterwards: only so are they seen, and not new when they are re-assigned later.
  const ours = (row: TriggerRow) =>
    (!ownerId || ownerId(row) === userId) && wanted.every(([name, value]) => about.filters[name]?.(row) === value)

  const last = before?.watch
  if (last && 'closed' in last !== (trigger.event !== 'added'))
    throw new InvalidTriggerState(`This trigger state does not fit the trigger ${trigger.id}.`)
  if (trigger.event === 'added') {
    const found = await scanForNew((query) => feed.list(pipedrive, query), last as Cursor | undefined, now, ours)
    return { ...found, behind: found.watch.hasMore }
  }
  const deleted = trigger.event === 'deleted'
  const found = await scanForChanges(
    (query) => {
      if ('latest' in query) return feed.list(pipedrive, deleted ? { latestDeleted: query.latest } : { latestChanged: query.latest })
      const { since, ...cursor } = query
      return feed.list(pipedrive, deleted ? { deletedSince: since, ...cursor } : { changedSince: since, ...cursor })
    },
    last as ChangeCursor | undefined,
    changeReaderOf(about, trigger.event),
    now,
    ours,
  )
  return { ...found, behind: hasMoreChanges(found.watch) }
}

type PollOwner = Pick<TriggerState, 'companyId' | 'userId'>

/** A colleague's key in the same company goes on where the flow was, from now on with the colleague's own activities. */
async function accountOf(names: ReferenceData, before: PollOwner | undefined): Promise<PollOwner> {
  const me = await names.me()
  if (before && before.companyId !== me.company_id) {
    throw new InvalidTriggerState(
      `This trigger state belongs to the Pipedrive company ${before.companyId}, but the API key of this call to company ${me.company_id}.`,
    )
  }
  return { companyId: me.company_id, userId: me.id }
}

const unixSeconds = (clock: Clock): number => Math.floor(clock.now() / 1_000)
