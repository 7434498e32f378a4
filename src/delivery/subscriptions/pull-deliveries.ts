import { NotFoundHere } from '../../connections/errors/not-found-here.ts'
import { retryOnDeadlock } from '../../connections/registry-deps.ts'
import { applyResponse } from '../dispatch/apply-response.ts'
import { createOutcomeWriter } from '../dispatch/outcome-writer.ts'
import { dueDeliveriesOf } from '../dispatch/load-due-deliveries.ts'
import { TEST_HEADER, webhookHeaders } from '../dispatch/webhook-headers.ts'
import { writeMessage } from '../dispatch/write-message.ts'
import { SubscriptionNotFound } from '../errors/subscription-not-found.ts'
import { SOURCES, SUBSCRIPTIONS, type DeliveryDeps } from '../deps.ts'
import { openSigningKey } from '../dispatch/targets/sealed-signing-key.ts'
import { endSubscription } from './end-subscription.ts'
import type { FormatName } from './format-names.ts'
import { isLocationToken, locationHash } from './location-token.ts'
import type { Pulled, Subscriptions } from './subscriptions.ts'

/** Signals can be lost, and what is tried again has its time. */
const LOOK_EVERY_MS = 1_000
/** That somebody still fetches is noted, but not with every request. */
const NOTED_EVERY_MS = 60_000
/** Somebody who listens and forgets to say that he is done. */
const UNASKED_MS = 24 * 3_600_000
const SWEEP_EVERY_MS = 10 * 60_000

/** A Puller hands out the deliveries of subscriptions that nobody can send to: those of people who try things on a machine of their own. */
export interface Puller extends Pick<Subscriptions, 'pull' | 'report'> {
  /** Whoever waits gets what there is. */
  close(): void
}

export function createPuller(deps: DeliveryDeps): Puller {
  const { store, ring, clock, logger } = deps
  const writer = createOutcomeWriter(store, clock, logger)
  const closing = new AbortController()
  store.every('subscriptions that nobody fetches', SWEEP_EVERY_MS, () => endUnpolled(deps))

  async function idOf(token: string): Promise<string> {
    if (!isLocationToken(token)) throw new SubscriptionNotFound()
    const found = await store.db
      .selectFrom('locations as l')
      .innerJoin('subscriptions as s', 's.id', 'l.subscription_id')
      .select(['s.id', 's.asked_at'])
      .where('l.token_hash', '=', locationHash(token))
      .where('s.asked_at', 'is not', null)
      .where('s.state', '<>', 'ended')
      .executeTakeFirst()
    if (!found) throw new SubscriptionNotFound()
    const now = clock.now()
    if (now - found.asked_at!.getTime() >= NOTED_EVERY_MS)
      await store.db
        .updateTable('subscriptions')
        .set({ asked_at: new Date(now) })
        .where('id', '=', found.id)
        .execute()
    return found.id
  }

  /** The earliest of each record that is due: whoever fetches twice before he has reported gets the same ones. */
  async function due(id: string): Promise<Pulled[]> {
    const now = clock.now()
    const receiver = await store.db
      .selectFrom('subscriptions as s')
      .innerJoin('sources as f', 'f.id', 's.source_id')
      .select(['s.source_id', 'f.kind', 's.format', 's.sealed_signing_key', 's.state'])
      .where('s.id', '=', id)
      .executeTakeFirst()
    if (!receiver || receiver.state === 'paused') return []
    const { source_id: sourceId, kind, format, sealed_signing_key: sealed } = receiver
    const key = sealed === null ? undefined : openSigningKey(ring, id, sealed)
    return (await dueDeliveriesOf(store.db, id, new Date(now), [])).flatMap((head) => {
      const { payload, event_id: eventId, record_id: recordId, happening, at } = head
      if (payload === null) return []
      const message = writeMessage(format as FormatName, { eventId, sourceId, kind, recordId, happening, at, payload })
      return [
        { id: head.id, headers: { ...webhookHeaders(head.id, now, message, key), ...(head.test && TEST_HEADER) }, body: message.body },
      ]
    })
  }

  return {
    async pull(token, waitMs, signal) {
      const id = await idOf(token)
      const until = performance.now() + waitMs
      const given = AbortSignal.any([signal, closing.signal])
      for (;;) {
        const heard = listen(deps, given)
        try {
          const found = await due(id)
          const left = until - performance.now()
          if (found.length > 0 || left <= 0 || given.aborted) return found
          await heard.within(Math.min(left, LOOK_EVERY_MS))
        } finally {
          heard.stop()
        }
        // It may have ended, perhaps in another process.
        await idOf(token)
      }
    },

    async report(token, deliveryId, { status, reason, retryAfter, ms }) {
      const id = await idOf(token)
      const found = await store.db
        .selectFrom('deliveries as d')
        .innerJoin('subscriptions as s', 's.id', 'd.subscription_id')
        .select(['d.state', 'd.attempts', 's.state as standing'])
        .where('d.id', '=', deliveryId)
        .where('d.subscription_id', '=', id)
        .executeTakeFirst()
      if (!found) throw new NotFoundHere('delivery', deliveryId, `/subscriptions/{trigger}/{location}/events`)
      // Reported before, and the answer was lost.
      if (found.state !== 'pending') return
      const now = clock.now()
      const answer =
        status === null
          ? { status, reason: reason ?? 'no answer', stopped: false }
          : { status, body: '', retryAfter: retryAfter ?? undefined }
      // A receiver on somebody's own machine is neither turned off nor gone for good because of what it answers: he ends it himself.
      const standing = { state: 'active' as const, failures: 0, quietUntil: null }
      const { becomes, reason: why } = applyResponse({
        standing,
        attempts: found.attempts,
        probe: false,
        answer,
        now,
        random: Math.random(),
      })
      await writer.write({
        deliveryId,
        subscriptionId: id,
        at: new Date(now - ms),
        ms,
        status,
        reason: why,
        becomes: becomes === 'waiting' ? 'dead' : becomes,
      })
    },

    close() {
      closing.abort()
      writer.close()
    },
  }
}

/** Listens before anybody looks, so that nothing falls in between. */
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

/** Ends the subscriptions of people who have left without a word. */
export async function endUnpolled({ store, clock }: Pick<DeliveryDeps, 'store' | 'clock'>): Promise<void> {
  const since = new Date(clock.now() - UNASKED_MS)
  const rows = await store.db
    .selectFrom('subscriptions')
    .select('id')
    .where('asked_at', '<', since)
    .where('state', '<>', 'ended')
    .limit(100)
    .execute()
  for (const { id } of rows)
    await retryOnDeadlock(store, (trx) => endSubscription(trx, clock, id, 'nobody has fetched its deliveries for a day'))
  if (rows.length > 0) store.signal(SOURCES)
}
