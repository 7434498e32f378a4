import { sql } from 'kysely'
import { NotFoundHere } from '../../connections/errors/not-found-here.ts'
import { retryOnDeadlock } from '../../connections/registry-deps.ts'
import { applyResponse } from '../dispatch/apply-response.ts'
import { createOutcomeWriter } from '../dispatch/outcome-writer.ts'
import { dueDeliveriesOf } from '../dispatch/load-due-deliveries.ts'
import { TEST_HEADER, webhookHeaders } from '../dispatch/webhook-headers.ts'
import { writeMessage, type DeliveryFormat } from '../dispatch/write-message.ts'
import { SubscriptionNotFound } from '../errors/subscription-not-found.ts'
import { SOURCES, SUBSCRIPTIONS, type DeliveryDeps } from '../deps.ts'
import { openSigningKey } from '../dispatch/targets/endpoint-secrets.ts'
import { endSubscription } from './end-subscription.ts'
import { findLocation } from './find-location.ts'
import type { PulledDelivery, SubscriptionLocation, Subscriptions } from './subscriptions.ts'
import { recordIdOf } from '../../kit/record-id.ts'

/** Signals can be lost, and retries become due without one. */
const POLL_EVERY_MS = 1_000
/** The time of the last fetch is stored at most this often. */
const TOUCH_EVERY_MS = 60_000
/** A client that stopped without ending its subscription is abandoned after a day. */
const ABANDONED_AFTER_MS = 24 * 3_600_000
const SWEEP_EVERY_MS = 10 * 60_000

/** A DeliveryPuller returns the deliveries of subscriptions whose client fetches them, such as a developer's machine without a public URL. */
export interface DeliveryPuller extends Pick<Subscriptions, 'pull' | 'report'> {
  /** Waiting calls return what is due now. */
  close(): void
}

export function createDeliveryPuller(deps: DeliveryDeps): DeliveryPuller {
  const { store, ring, clock, logger } = deps
  const writer = createOutcomeWriter(store, clock, logger)
  const closing = new AbortController()
  store.every('abandoned subscriptions', SWEEP_EVERY_MS, () => endAbandoned(deps))

  async function subscriptionIdOf(location: SubscriptionLocation): Promise<string> {
    const found = await findLocation(store.db, location)
    if (!found || found.asked_at === null || found.state === 'ended') throw new SubscriptionNotFound()
    const { subscription_id: id, asked_at: fetchedAt } = found
    const now = clock.now()
    if (now - fetchedAt.getTime() >= TOUCH_EVERY_MS)
      await store.db
        .updateTable('subscriptions')
        .set({ asked_at: new Date(now) })
        .where('id', '=', id)
        .execute()
    return id
  }

  /** The earliest due delivery of each record: until it is reported, a client gets the same one again. */
  async function dueOf(id: string): Promise<PulledDelivery[]> {
    const now = clock.now()
    const endpoint = await store.db
      .selectFrom('subscriptions as s')
      .innerJoin('sources as f', 'f.id', 's.source_id')
      .select(['s.source_id', 'f.kind', 's.format', 's.sealed_signing_key', 's.state'])
      .where('s.id', '=', id)
      .executeTakeFirst()
    if (!endpoint || endpoint.state === 'paused') return []
    const { source_id: sourceId, kind, format, sealed_signing_key: sealed } = endpoint
    const key = sealed === null ? undefined : openSigningKey(ring, id, sealed)
    return (await dueDeliveriesOf(store.db, id, new Date(now), [])).flatMap((delivery) => {
      const { payload, event_id: eventId, record_id, happening, at } = delivery
      if (payload === null) return []
      const message = writeMessage(format as DeliveryFormat, {
        eventId,
        sourceId,
        kind,
        recordId: recordIdOf(record_id),
        happening,
        at,
        payload,
      })
      return [
        {
          id: delivery.id,
          headers: { ...webhookHeaders(delivery.id, now, message, key), ...(delivery.test && TEST_HEADER) },
          body: message.body,
        },
      ]
    })
  }

  return {
    async pull(location, waitMs, signal) {
      const id = await subscriptionIdOf(location)
      const until = performance.now() + waitMs
      const aborted = AbortSignal.any([signal, closing.signal])
      for (;;) {
        const wakeUp = listen(deps, aborted)
        try {
          const found = await dueOf(id)
          const remainingMs = until - performance.now()
          if (found.length > 0 || remainingMs <= 0 || aborted.aborted) return found
          await wakeUp.within(Math.min(remainingMs, POLL_EVERY_MS))
        } finally {
          wakeUp.stop()
        }
        // The subscription may have ended, perhaps in another process.
        await subscriptionIdOf(location)
      }
    },

    async report(location, deliveryId, { status, reason, retryAfter, ms }) {
      const id = await subscriptionIdOf(location)
      const found = await store.db
        .selectFrom('deliveries as d')
        .innerJoin('subscriptions as s', 's.id', 'd.subscription_id')
        .select(['d.state', 'd.attempts'])
        .where('d.id', '=', deliveryId)
        .where('d.subscription_id', '=', id)
        .executeTakeFirst()
      if (!found) throw new NotFoundHere('delivery', deliveryId, `/subscriptions/{trigger}/{location}/events`)
      // A repeated report, because the response to the first was lost.
      if (found.state !== 'pending') return
      const now = clock.now()
      const response =
        status === null
          ? { status, reason: reason ?? 'no response', stopped: false }
          : { status, body: '', retryAfter: retryAfter ?? undefined }
      // A response never disables or ends a fetched subscription: its client ends it.
      const health = { state: 'active' as const, failures: 0, quietUntil: null }
      const { becomes, reason: appliedReason } = applyResponse({
        health,
        attempts: found.attempts,
        isProbe: false,
        response,
        now,
        random: Math.random(),
      })
      await writer.record({
        deliveryId,
        subscriptionId: id,
        at: new Date(now - ms),
        ms,
        status,
        reason: appliedReason,
        becomes: becomes === 'waiting' ? 'dead' : becomes,
      })
    },

    close() {
      closing.abort()
      writer.close()
    },
  }
}

/** Listens before the caller reads the database, so that no signal in between is missed. */
function listen({ store }: DeliveryDeps, signal: AbortSignal) {
  let wake = () => {}
  const woken = new Promise<void>((resolve) => (wake = resolve))
  const stop = store.onSignal(SUBSCRIPTIONS, wake)
  signal.addEventListener('abort', wake, { once: true })
  return {
    async within(ms: number) {
      const timer = setTimeout(wake, ms)
      await woken
      clearTimeout(timer)
    },
    stop() {
      stop()
      signal.removeEventListener('abort', wake)
    },
  }
}

/** Ends subscriptions whose deliveries nothing has fetched for a day. */
export async function endAbandoned({ store, clock }: Pick<DeliveryDeps, 'store' | 'clock'>): Promise<void> {
  const since = new Date(clock.now() - ABANDONED_AFTER_MS)
  const rows = await store.db
    .selectFrom('subscriptions')
    .select('id')
    .where('asked_at', '<', since)
    .where('state', '<>', sql.lit('ended'))
    .limit(100)
    .execute()
  for (const { id } of rows)
    await retryOnDeadlock(store, (trx) => endSubscription(trx, clock, id, 'its deliveries were not fetched for a day'))
  if (rows.length > 0) store.signal(SOURCES)
}
