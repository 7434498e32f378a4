import { randomUUID } from 'node:crypto'
import type { Behaviour } from '../behaviour.ts'
import { createRandom } from '../random.ts'
import type { ChangeOrigin } from '../state/change-origin.ts'
import type { Company, User } from '../state/company.ts'
import type { Timeline } from '../timeline.ts'
import type { Deliver, DeliveryResult } from './deliver.ts'
import { eachEntity } from './entities.ts'
import { type WebhookEvent, eventOf, userEvent } from './event.ts'
import { deliveryAfter, isBanned, preciseTime, removed, unbanned, UNSUCCESSFUL_MS, webhookAfter } from './delivery-policy.ts'
import { deliveryRequest } from './delivery-request.ts'
import type { DeliveryRow, Payload, WebhookRow } from './webhook-rows.ts'

/**
 * A Webhooks turns changes into events and delivers them. Its complete state is in the tables `webhooks` and `webhookDeliveries` of each company:
 * counters, bans and pending deliveries.
 */
export interface Webhooks {
  /** Observes a company's tables, and resumes its pending deliveries, bans and removals. */
  observe(company: Company): void
  /** Sends the event of a new user, or of a changed one with its previous fields: users have no table. */
  userChanged(company: Company, user: User, before?: Partial<User>): void
  /** Sends an event again as a new delivery, also during a ban; undefined if its webhook is deleted. */
  resend(company: Company, delivery: DeliveryRow): DeliveryRow | undefined
  /** Stops observing and sending. Active deliveries are aborted and stay pending. */
  stop(): void
}

/** WebhookDeps are the services that the webhooks use. */
export interface WebhookDeps {
  timeline: Timeline
  behaviour: Readonly<Behaviour>
  deliver: Deliver
  /** The origin of the change in progress. */
  currentOrigin(): ChangeOrigin | undefined
}

/** With a shuffled order, each event waits up to this long. */
const SHUFFLED_WITHIN_MS = 3_000
/** The number of deliveries kept per company; pending ones are never dropped. */
const MAX_DELIVERIES = 1_000

const WHY = {
  switchedOff: 'the switch webhooks is set to none delivered',
  banned: 'the webhook was banned',
  gone: 'the webhook was deleted',
} as const

const matches = (pattern: string, value: string): boolean => pattern === '*' || pattern === value

export function createWebhooks({ timeline, behaviour, deliver, currentOrigin }: WebhookDeps): Webhooks {
  const random = createRandom(1)
  const unsubscribes: (() => void)[] = []
  const stopSignal = new AbortController()
  /** The latest first attempt of each webhook; the next one starts after it. */
  const queues = new WeakMap<WebhookRow, Promise<void>>()

  function schedule(ms: number, run: () => void | Promise<void>): void {
    timeline.at(ms, () => (stopSignal.signal.aborted ? undefined : run()))
  }

  function planUnban(company: Company, hook: WebhookRow): void {
    const until = hook.banned_until
    if (until !== null) schedule(until, () => (hook.banned_until === until ? company.webhooks.change(hook, unbanned) : undefined))
  }

  function planRemoval(company: Company, hook: WebhookRow): void {
    const since = hook.failing_since
    if (since === null || hook.is_deleted) return
    schedule(since + UNSUCCESSFUL_MS, () => {
      if (hook.failing_since !== since || hook.is_deleted) return
      company.webhooks.change(hook, removed(timeline.now(), 'No successful deliveries on 3 consecutive days'))
    })
  }

  function planAttempt(company: Company, delivery: DeliveryRow): void {
    const hook = company.webhooks.get(delivery.webhook_id)
    if (delivery.state !== 'pending' || delivery.next_at === null || !hook) return
    schedule(delivery.next_at, () => {
      const run = () => attempt(company, hook, delivery)
      if (delivery.attempts.length > 0 || behaviour.webhookOrder === 'shuffled') return run()
      const queued = (queues.get(hook) ?? Promise.resolve()).then(run)
      queues.set(hook, queued)
      return queued
    })
  }

  function record(company: Company, hook: WebhookRow, event: Payload, stopSignal: Pick<DeliveryRow, 'state' | 'reason'>, resent = false) {
    const nowMs = timeline.now()
    const wait = behaviour.webhookOrder === 'shuffled' && !resent ? Math.floor(random.next() * SHUFFLED_WITHIN_MS) : 0
    const delivery = company.webhookDeliveries.insert({
      add_time: preciseTime(nowMs),
      update_time: null,
      is_deleted: false,
      readable_from: 0,
      deleted_at: null,
      webhook_id: hook.id,
      payload: { ...event, meta: { ...event.meta, webhook_id: String(hook.id), webhook_owner_id: String(hook.owner_id) } },
      ...stopSignal,
      attempts: [],
      next_at: stopSignal.state === 'pending' ? nowMs + wait : null,
      resent,
    })
    dropOld(company)
    planAttempt(company, delivery)
    return delivery
  }

  function dropOld({ webhookDeliveries }: Company): void {
    if (webhookDeliveries.size <= MAX_DELIVERIES) return
    for (const delivery of webhookDeliveries.walk()) if (delivery.state !== 'pending') return webhookDeliveries.remove(delivery)
  }

  /** The initial state of a delivery. */
  function initialState(hook: WebhookRow): Pick<DeliveryRow, 'state' | 'reason'> {
    if (behaviour.webhooks === 'none delivered') return { state: 'lost', reason: WHY.switchedOff }
    return isBanned(hook, timeline.now()) ? { state: 'banned', reason: WHY.banned } : { state: 'pending', reason: null }
  }

  /** The meta.id of a retry or a copy. */
  const anotherId = (id: string): string => (behaviour.metaId === 'stable' ? id : randomUUID())

  function announce(company: Company, event: WebhookEvent | undefined): void {
    if (!event) return
    const { action, entity } = event.payload.meta
    for (const hook of company.webhooks.walk()) {
      const isSubscribed = matches(hook.event_action, action) && matches(hook.event_object, entity)
      if (hook.is_deleted || !isSubscribed || !event.visibleTo(hook.user_id)) continue
      for (let copy = 0; copy < behaviour.webhookCopies; copy++) {
        const { meta } = event.payload
        const payload = copy === 0 ? event.payload : { ...event.payload, meta: { ...meta, id: anotherId(meta.id) } }
        record(company, hook, payload, initialState(hook))
      }
    }
  }

  async function send(hook: WebhookRow, payload: Payload): Promise<DeliveryResult> {
    try {
      return await deliver(deliveryRequest(hook, payload, behaviour.strictUrls === 'on', stopSignal.signal))
    } catch (error) {
      return { failed: error instanceof Error ? error.message : String(error) }
    }
  }

  async function attempt(company: Company, hook: WebhookRow, delivery: DeliveryRow): Promise<void> {
    if (stopSignal.signal.aborted) return
    const isFirst = delivery.attempts.length === 0
    const giveUp = (state: 'lost' | 'banned', reason: string) =>
      company.webhookDeliveries.change(delivery, { state, reason, next_at: null })
    if (hook.is_deleted) return giveUp('lost', WHY.gone)
    if (!delivery.resent && isBanned(hook, timeline.now())) return giveUp('banned', WHY.banned)

    const { meta } = delivery.payload
    const id = isFirst ? meta.id : anotherId(meta.id)
    const startedMs = performance.now()
    const result = await send(hook, { ...delivery.payload, meta: { ...meta, id, attempt: delivery.attempts.length + 1 } })
    // It stays pending; the next start makes the attempt again.
    if (stopSignal.signal.aborted) return
    const nowMs = timeline.now()
    company.webhookDeliveries.change(delivery, deliveryAfter(delivery, result, nowMs, Math.round(performance.now() - startedMs)))
    planAttempt(company, delivery)
    const { failing_since, banned_until } = hook
    company.webhooks.change(hook, webhookAfter(hook, result, isFirst, nowMs))
    if (hook.failing_since !== failing_since) planRemoval(company, hook)
    if (hook.banned_until !== banned_until) planUnban(company, hook)
  }

  return {
    observe(company) {
      const moment = () => ({ company, nowMs: timeline.now(), origin: currentOrigin() })
      eachEntity((entity) => {
        const onChange = (change: Parameters<typeof eventOf>[1]) => {
          if (company.webhooks.size > 0) announce(company, eventOf(entity, change as never, moment()))
        }
        unsubscribes.push(entity.table(company).observe(onChange))
      })
      for (const hook of company.webhooks.walk()) {
        planUnban(company, hook)
        planRemoval(company, hook)
      }
      for (const delivery of company.webhookDeliveries.walk()) planAttempt(company, delivery)
    },
    userChanged(company, user, before) {
      announce(company, userEvent(user, before, { company, nowMs: timeline.now(), origin: currentOrigin() }))
    },
    resend(company, delivery) {
      const hook = company.webhooks.get(delivery.webhook_id)
      return hook && !hook.is_deleted ? record(company, hook, delivery.payload, { state: 'pending', reason: null }, true) : undefined
    },
    stop() {
      stopSignal.abort()
      for (const end of unsubscribes) end()
    },
  }
}
