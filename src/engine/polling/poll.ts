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
/** While more records are available, also if none of the ids read so far matches: a matching record may follow. */
const RETRY_AFTER_SECONDS_WITH_MORE = 1

/** A Poll is one call of a polling trigger. */
export interface Poll {
  trigger: Trigger
  /** The state that the host followed; undefined on the first poll. */
  before: OpenTriggerState | undefined
  /** The caller's filters, by the names of `RecordKind.filters`. They are part of the Location's query; a state fits any filters. */
  filters: Readonly<Record<string, unknown>>
  principal: Principal
  pipedrive: Pipedrive
  referenceData: ReferenceData
  fillAll<S, C>(mapping: Mapping<S, C>, sources: readonly S[]): Promise<C[]>
  ring: KeyRing
  clock: Clock
  metrics: Metrics
  /** Whose records a source with owners returns: those of the key's user, or all. */
  activities: 'mine' | 'all'
}

/** Scans the source, fills the new rows and seals the next state. A poll that fails seals none: the host repeats the state that it has. */
export async function pollTrigger(poll: Poll): Promise<PollOutcome> {
  const { trigger, before, principal, ring, clock, fillAll } = poll
  const now = unixSeconds(clock)
  // A state that is not valid here never becomes valid: it is refused before its time too, so that the answer does not depend on the time.
  checkKindOfState(poll)
  const owner = before?.madeWith(principal.key) ? before : await pollOwnerOf(poll.referenceData, before)
  if (before && now < before.notBefore) {
    poll.metrics.limitHit('polls')
    throw new RateLimitExceeded(before.notBefore - now)
  }

  const { items, cursor, hasMore } = await scanFeed(poll, owner.userId, now)
  const filled = await fillAll((trigger.poll as PollSource<TriggerRow, unknown>).fields, items)

  const serveNow = !before || hasMore || items.length === BATCH
  const notBefore = serveNow ? 0 : unixSeconds(clock) + POLL_EVERY_SECONDS
  const { companyId, userId } = owner
  const after: TriggerState = { companyId, userId, connectionKeyId: principal.connection?.keyId, cursor, notBefore }
  return {
    items: filled,
    state: sealTriggerState(after, principal.key, { triggerId: trigger.id, ring }),
    retryAfterSeconds: hasMore ? RETRY_AFTER_SECONDS_WITH_MORE : RETRY_AFTER_SECONDS,
  }
}

interface FeedScan {
  items: TriggerRow[]
  cursor: Cursor | ChangeCursor
  hasMore: boolean
}

async function scanFeed(poll: Poll, userId: number, now: number): Promise<FeedScan> {
  const { trigger, before, filters, pipedrive } = poll
  const kind = trigger.record as RecordKind
  const source = trigger.poll as PollSource<TriggerRow, unknown>
  const filterValues = Object.entries(filters)
  // A filter by owner overrides the default.
  const ownerId = poll.activities === 'all' || filters['owner_id'] !== undefined ? undefined : source.ownerId
  // All records are listed and filtered afterwards, so that the cursor holds them and they are not new when they are re-assigned later.
  const matches = (row: TriggerRow) =>
    (!ownerId || ownerId(row) === userId) && filterValues.every(([name, value]) => kind.filters[name]?.(row) === value)

  const previous = before?.cursor
  if (trigger.event === 'added') {
    const decision = await scanForNew((query) => source.list(pipedrive, query), previous as Cursor | undefined, now, matches)
    return { ...decision, hasMore: decision.cursor.hasMore }
  }
  const deleted = trigger.event === 'deleted'
  const decision = await scanForChanges(
    (query) => {
      if ('latest' in query) return source.list(pipedrive, deleted ? { latestDeleted: query.latest } : { latestChanged: query.latest })
      const { since, ...cursor } = query
      return source.list(pipedrive, deleted ? { deletedSince: since, ...cursor } : { changedSince: since, ...cursor })
    },
    previous as ChangeCursor | undefined,
    changeReaderOf(kind, trigger.event),
    now,
    matches,
  )
  return { ...decision, hasMore: hasMoreChanges(decision.cursor) }
}

function checkKindOfState({ trigger, before }: Poll): void {
  if (before && 'closed' in before.cursor !== (trigger.event !== 'added'))
    throw new InvalidTriggerState(`This trigger state does not fit the trigger ${trigger.id}.`)
}

type PollOwner = Pick<TriggerState, 'companyId' | 'userId'>

/**
 * A key of another user or connection in the same company continues where the flow was, from now on with that user's permissions and activities:
 * flows keep their place when a maker replaces their connection. The state itself holds only ids.
 */
async function pollOwnerOf(referenceData: ReferenceData, before: PollOwner | undefined): Promise<PollOwner> {
  const me = await referenceData.me()
  if (before && before.companyId !== me.company_id) {
    throw new InvalidTriggerState(
      `This trigger state belongs to the Pipedrive company ${before.companyId}, but the API key of this call belongs to company ${me.company_id}.`,
    )
  }
  return { companyId: me.company_id, userId: me.id }
}

const unixSeconds = (clock: Clock): number => Math.floor(clock.now() / 1_000)
