import type { DeliveryResult } from './deliver.ts'
import type { Attempt, DeliveryRow, WebhookRow } from './webhook-rows.ts'

/** The timeout of a delivery, in real time. */
export const ANSWER_WITHIN_MS = 10_000
/** After the first, second and third failure of a delivery. */
const RETRY_AFTER_MS = [3_000, 30_000, 150_000] as const
/** The number of deliveries with a failed first attempt that bans a webhook; retries do not count. */
const BANNED_AT = 10
const BAN_MS = 30 * 60_000
/** A webhook without a success for this long after a failure is removed. */
export const UNSUCCESSFUL_MS = 3 * 86_400_000

/** A time in answers about webhooks: RFC 3339 with milliseconds. */
export const preciseTime = (ms: number): string => new Date(ms).toISOString()

export const isBanned = ({ banned_until }: WebhookRow, nowMs: number): boolean => banned_until !== null && nowMs < banned_until

/** The delivery after an attempt. */
export function deliveryAfter(
  { attempts }: DeliveryRow,
  result: DeliveryResult,
  nowMs: number,
  tookMs: number,
): Pick<DeliveryRow, 'attempts' | 'state' | 'next_at'> {
  const status = 'status' in result ? result.status : null
  const attempt: Attempt = { time: preciseTime(nowMs), status, failure: 'failed' in result ? result.failed : null, ms: tookMs }
  const wait = RETRY_AFTER_MS[attempts.length]
  const state = isSuccess(result) ? 'delivered' : wait === undefined ? 'failed' : 'pending'
  return { attempts: [...attempts, attempt], state, next_at: state === 'pending' ? nowMs + wait! : null }
}

/** Any 2xx is a success; a redirect is a failure. */
export const isSuccess = (result: DeliveryResult): boolean => 'status' in result && result.status >= 200 && result.status <= 299

/** The webhook after an attempt. A success resets neither the count nor a ban; only the end of a ban does. */
export function webhookAfter(hook: WebhookRow, result: DeliveryResult, isFirst: boolean, nowMs: number): Partial<WebhookRow> {
  const success = isSuccess(result)
  const ban_count = hook.ban_count + (isFirst && !success ? 1 : 0)
  const bannedNow = ban_count >= BANNED_AT && !isBanned(hook, nowMs)
  return {
    last_delivery_time: preciseTime(nowMs),
    last_http_status: 'status' in result ? result.status : null,
    failing_since: success ? null : (hook.failing_since ?? nowMs),
    ban_count,
    ...(bannedNow && { banned_until: nowMs + BAN_MS }),
  }
}

/** The changes at the end of a ban. */
export const unbanned: Partial<WebhookRow> = { ban_count: 0, banned_until: null }

/** The changes of a removed webhook. */
export const removed = (nowMs: number, reason: string | null): Partial<WebhookRow> => ({
  is_deleted: true,
  deleted_at: Math.floor(nowMs / 1000),
  remove_time: preciseTime(nowMs),
  remove_reason: reason,
})
