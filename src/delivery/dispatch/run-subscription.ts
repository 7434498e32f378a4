import type { Lease } from '../../store/leases.ts'
import type { DeliveryDeps } from '../deps.ts'
import { openSigningKey, openTarget } from './targets/endpoint-secrets.ts'
import { createTargetClient, type TargetClient, type TargetRequest } from './targets/target-client.ts'
import { applyResponse, type EndpointHealth } from './apply-response.ts'
import { createOutcomeWriter } from './outcome-writer.ts'
import { CIRCUIT_OPENS_AFTER } from './schedule.ts'
import { loadDueDeliveries, type DueDelivery, type Endpoint } from './load-due-deliveries.ts'
import { TEST_HEADER, webhookHeaders } from './webhook-headers.ts'
import { writeMessage, type DeliveryFormat } from './write-message.ts'
import { recordIdOf } from '../../kit/record-id.ts'

/** A SubscriptionRunner sends the due deliveries of a subscription: the work item of the subscriptions queue. */
export interface SubscriptionRunner {
  /** Returns when the next delivery is due; undefined: not before another event is recorded. */
  run(id: string, lease: Lease): Promise<Date | undefined>
  /** Starts no more requests, and waits a short time for those in flight. */
  close(): Promise<void>
}

/** Parallel requests to one endpoint, unrecorded outcomes included: if the process is killed, at most this many are repeated. */
const CONCURRENCY = 8
/** Then other subscriptions, which may wait for a free worker, get their turn. */
const TURN_MS = 5_000
/** A new event does not wait for the responses to requests in flight. */
const RELOAD_AFTER_MS = 2_000
/** Half of the 10 s that a process has to stop. Requests without a response by then are repeated after the restart or by another process. */
const STOP_TIMEOUT_MS = 5_000

export function createSubscriptionRunner(
  deps: Pick<DeliveryDeps, 'store' | 'ring' | 'clock' | 'logger' | 'metrics' | 'options'>,
  client: TargetClient = createTargetClient({ policy: deps.options.targets }),
): SubscriptionRunner {
  const { store, ring, clock, logger, metrics } = deps
  const writer = createOutcomeWriter(store, clock, logger)
  const abortAll = new AbortController()
  const sending = new Set<Promise<void>>()
  let closing = false

  async function run(id: string, lease: Lease): Promise<Date | undefined> {
    const startedAt = performance.now()
    const inFlight = new Map<string, Promise<void>>()
    let ready: DueDelivery[] = []
    let loadedAt = 0
    let isStale = true
    let endpoint: Endpoint | undefined
    /** While the lease is held only owners change it in the database too; their change applies from the next turn. */
    let health: EndpointHealth | undefined
    /** When the first delivery is due that is not due yet. */
    let nextDueAt: Date | undefined
    /** Whether everything pending was loaded: a later event makes the work item due again. */
    let isAll = false
    let failure: unknown

    const mayStart = () => failure === undefined && !closing && lease.isHeld() && performance.now() - startedAt < TURN_MS
    const isQuiet = () => health?.quietUntil != null && health.quietUntil.getTime() > clock.now()
    const isProbed = () => health !== undefined && (health.state === 'disabled' || health.failures >= CIRCUIT_OPENS_AFTER)
    const hasRoom = () => !isQuiet() && inFlight.size < (isProbed() ? 1 : CONCURRENCY)

    async function load(): Promise<void> {
      const now = new Date(clock.now())
      isStale = false
      loadedAt = performance.now()
      const batch = await loadDueDeliveries(store, id, now, [...inFlight.keys()])
      endpoint = batch?.endpoint
      health ??= endpoint?.health
      ready = (batch?.deliveries ?? []).filter(({ payload }) => payload !== null)
      nextDueAt = batch?.deliveries.find(({ payload }) => payload === null)?.next_at
      isAll = batch?.isAll === true && inFlight.size === 0
    }

    async function send(delivery: DueDelivery, to: Endpoint): Promise<void> {
      const isProbe = isProbed()
      const sentAt = performance.now()
      const at = new Date(clock.now())
      const response = await client.send(requestFor(delivery, to, at.getTime()))
      if (response.status === null && response.stopped) return
      const ms = Math.round(performance.now() - sentAt)
      const now = clock.now()
      const applied = applyResponse({ health: health!, attempts: delivery.attempts, isProbe, response, now, random: Math.random() })
      const { kind, status, reason, becomes, change } = applied
      health = applied.health
      metrics.attempt(kind, ms)
      if (change?.state) logger.info({ subscription: id, state: change.state.is }, 'subscription state changed by its endpoint')
      await writer.record({
        deliveryId: delivery.id,
        subscriptionId: id,
        at,
        ms,
        status,
        reason,
        becomes,
        target: to.sealedTarget,
        ...(change && { subscription: change }),
      })
      if (kind !== 'delivered' || change || !isAll) isStale = true
      if (kind === 'delivered') metrics.delivered(now - delivery.created_at.getTime())
    }

    function start(delivery: DueDelivery, to: Endpoint): void {
      const sent = send(delivery, to)
        .catch((error: unknown) => (failure ??= error))
        .then(() => {
          inFlight.delete(delivery.id)
          sending.delete(sent)
        })
      inFlight.set(delivery.id, sent)
      sending.add(sent)
    }

    for (;;) {
      if (isQuiet()) ready = []
      const isUsedUp = ready.length === 0 || performance.now() - loadedAt > RELOAD_AFTER_MS
      if (isStale && isUsedUp && (hasRoom() || inFlight.size === 0) && mayStart())
        await load().catch((error: unknown) => (failure ??= error))
      while (endpoint && ready.length > 0 && hasRoom() && mayStart()) start(ready.shift()!, endpoint)
      if (inFlight.size > 0) {
        const isTimeUp = await firstOf(inFlight.values(), hasRoom() && mayStart() ? RELOAD_AFTER_MS : undefined)
        if (isTimeUp) isStale = true
      } else if (!mayStart() || !isStale) break
    }
    if (failure !== undefined) throw failure as Error
    if (!mayStart()) return new Date(clock.now())
    const dueAt = ready.length > 0 ? new Date(clock.now()) : nextDueAt
    return dueAt && isQuiet() ? later(dueAt, health!.quietUntil!) : dueAt
  }

  function requestFor(delivery: DueDelivery, to: Endpoint, now: number): TargetRequest {
    const { id, event_id: eventId, record_id, happening, at, payload } = delivery
    const { sourceId, kind, format, sealedSigningKey: sealed } = to
    const message = writeMessage(format as DeliveryFormat, {
      eventId,
      sourceId,
      kind,
      recordId: recordIdOf(record_id),
      happening,
      at,
      payload: payload!,
    })
    const key = sealed === null ? undefined : openSigningKey(ring, to.id, sealed)
    const headers = { ...webhookHeaders(id, now, message, key), ...(delivery.test && TEST_HEADER) }
    return { url: openTarget(ring, to.id, to.sealedTarget), headers, body: message.body, signal: abortAll.signal }
  }

  return {
    run,
    async close() {
      closing = true
      const timeout = setTimeout(() => abortAll.abort(), STOP_TIMEOUT_MS)
      await Promise.allSettled(sending)
      clearTimeout(timeout)
      writer.close()
      await client.close()
    },
  }
}

const later = (a: Date, b: Date): Date => (a > b ? a : b)

/** Resolves when the first promise ends, or with true after `ms`. */
async function firstOf(promises: Iterable<Promise<void>>, ms: number | undefined): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<boolean>((resolve) => {
    if (ms !== undefined) timer = setTimeout(resolve, ms, true)
  })
  const ended = Promise.race(promises).then(() => false)
  try {
    return await Promise.race([ended, timeUp])
  } finally {
    clearTimeout(timer)
  }
}
