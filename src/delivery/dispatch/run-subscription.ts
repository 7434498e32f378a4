import type { Lease } from '../../store/leases.ts'
import type { DeliveryDeps } from '../deps.ts'
import type { FormatName } from '../subscriptions/format-names.ts'
import { openSigningKey } from './targets/sealed-signing-key.ts'
import { openTarget } from './targets/sealed-target.ts'
import { createTargetClient, type TargetClient, type TargetRequest } from './targets/target-client.ts'
import { applyResponse, type EndpointHealth } from './apply-response.ts'
import { createOutcomeWriter } from './outcome-writer.ts'
import { OPENS_AFTER_FAILURES } from './schedule.ts'
import { loadDueDeliveries, type DueDelivery, type Endpoint } from './load-due-deliveries.ts'
import { TEST_HEADER, webhookHeaders } from './webhook-headers.ts'
import { writeMessage } from './write-message.ts'

/** A SubscriptionRunner sends the deliveries of one subscription after another: the work on a lane. */
export interface SubscriptionRunner {
  /** Answers when there is something to send again; nothing: not before an event comes. */
  run(id: string, lease: Lease): Promise<Date | undefined>
  /** Begins nothing more, and waits a moment for what is on its way. */
  close(): Promise<void>
}

/** Requests to one receiver at once. What was sent and not yet recorded counts, too: so many are repeated when the process is killed. */
const AT_ONCE = 8
/** Then others have their turn, who may have waited for a free lane. */
const TURN_MS = 5_000
/** An event that comes while an answer is waited for need not wait for that. */
const LOOK_AGAIN_MS = 2_000
/** Of the 10 s that a process has to go. What has no answer by then is sent once more, by another process or after the start. */
const STOP_PATIENCE_MS = 5_000

export function createSubscriptionRunner(
  deps: Pick<DeliveryDeps, 'store' | 'ring' | 'clock' | 'logger' | 'metrics' | 'options'>,
  client: TargetClient = createTargetClient({ policy: deps.options.targets }),
): SubscriptionRunner {
  const { store, ring, clock, logger, metrics } = deps
  const writer = createOutcomeWriter(store, clock, logger)
  const giveUp = new AbortController()
  const sending = new Set<Promise<void>>()
  let closing = false

  async function run(id: string, lease: Lease): Promise<Date | undefined> {
    const since = performance.now()
    const flying = new Map<string, Promise<void>>()
    let ready: DueDelivery[] = []
    let takenAt = 0
    let stale = true
    let receiver: Endpoint | undefined
    /** Nobody else writes it while the lane is held, but for people, whose word counts from the next turn on. */
    let standing: EndpointHealth | undefined
    /** Of the first that is not due yet. */
    let next: Date | undefined
    /** Whether what was taken is all there is: what comes later makes the lane due by itself. */
    let isAll = false
    let trouble: unknown

    const mayBegin = () => trouble === undefined && !closing && lease.isHeld() && performance.now() - since < TURN_MS
    const isQuiet = () => standing?.quietUntil != null && standing.quietUntil.getTime() > clock.now()
    const isProbed = () => standing !== undefined && (standing.state === 'disabled' || standing.failures >= OPENS_AFTER_FAILURES)
    const hasRoom = () => !isQuiet() && flying.size < (isProbed() ? 1 : AT_ONCE)

    async function look(): Promise<void> {
      const now = new Date(clock.now())
      stale = false
      takenAt = performance.now()
      const taken = await loadDueDeliveries(store, id, now, [...flying.keys()])
      receiver = taken?.receiver
      standing ??= receiver?.standing
      ready = (taken?.heads ?? []).filter(({ payload }) => payload !== null)
      next = taken?.heads.find(({ payload }) => payload === null)?.next_at
      isAll = taken?.isAll === true && flying.size === 0
    }

    async function send(head: DueDelivery, to: Endpoint): Promise<void> {
      const probe = isProbed()
      const begun = performance.now()
      const at = new Date(clock.now())
      const answer = await client.send(requestFor(head, to, at.getTime()))
      if (answer.status === null && answer.stopped) return
      const ms = Math.round(performance.now() - begun)
      const now = clock.now()
      const conclusion = applyResponse({ standing: standing!, attempts: head.attempts, probe, answer, now, random: Math.random() })
      const { kind, status, reason, becomes, change } = conclusion
      standing = conclusion.standing
      metrics.attempt(kind, ms)
      if (change?.state) logger.info({ subscription: id, state: change.state.is }, 'a receiver has changed the state of its subscription')
      await writer.write({
        deliveryId: head.id,
        subscriptionId: id,
        at,
        ms,
        status,
        reason,
        becomes,
        target: to.sealedTarget,
        ...(change && { subscription: change }),
      })
      if (kind !== 'delivered' || change || !isAll) stale = true
      if (kind === 'delivered') metrics.delivered(now - head.created_at.getTime())
    }

    function begin(head: DueDelivery, to: Endpoint): void {
      const sent = send(head, to)
        .catch((error: unknown) => (trouble ??= error))
        .then(() => {
          flying.delete(head.id)
          sending.delete(sent)
        })
      flying.set(head.id, sent)
      sending.add(sent)
    }

    for (;;) {
      if (isQuiet()) ready = []
      const isOld = ready.length === 0 || performance.now() - takenAt > LOOK_AGAIN_MS
      if (stale && isOld && (hasRoom() || flying.size === 0) && mayBegin()) await look().catch((error: unknown) => (trouble ??= error))
      while (receiver && ready.length > 0 && hasRoom() && mayBegin()) begin(ready.shift()!, receiver)
      if (flying.size > 0) {
        const isLate = await oneOf(flying.values(), hasRoom() && mayBegin() ? LOOK_AGAIN_MS : undefined)
        if (isLate) stale = true
      } else if (!mayBegin() || !stale) break
    }
    if (trouble !== undefined) throw trouble as Error
    if (!mayBegin()) return new Date(clock.now())
    const due = ready.length > 0 ? new Date(clock.now()) : next
    return due && isQuiet() ? later(due, standing!.quietUntil!) : due
  }

  function requestFor(head: DueDelivery, to: Endpoint, now: number): TargetRequest {
    const { id, event_id: eventId, record_id: recordId, happening, at, payload } = head
    const { sourceId, kind, format, sealedSigningKey: sealed } = to
    const message = writeMessage(format as FormatName, { eventId, sourceId, kind, recordId, happening, at, payload: payload! })
    const key = sealed === null ? undefined : openSigningKey(ring, to.id, sealed)
    const headers = { ...webhookHeaders(id, now, message, key), ...(head.test && TEST_HEADER) }
    return { url: openTarget(ring, to.id, to.sealedTarget), headers, body: message.body, signal: giveUp.signal }
  }

  return {
    run,
    async close() {
      closing = true
      const patience = setTimeout(() => giveUp.abort(), STOP_PATIENCE_MS)
      await Promise.allSettled(sending)
      clearTimeout(patience)
      writer.close()
      await client.close()
    },
  }
}

const later = (a: Date, b: Date): Date => (a > b ? a : b)

/** Resolves when the first ends, or after `ms`: then with true. */
async function oneOf(running: Iterable<Promise<void>>, ms: number | undefined): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    if (ms !== undefined) timer = setTimeout(resolve, ms, true)
  })
  const ended = Promise.race(running).then(() => false)
  try {
    return await Promise.race([ended, late])
  } finally {
    clearTimeout(timer)
  }
}
