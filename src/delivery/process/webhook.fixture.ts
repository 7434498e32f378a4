import { createHash } from 'node:crypto'
import { activityRecord } from '../../catalog/contract/records/activity.ts'
import { dealRecord } from '../../catalog/contract/records/deal.ts'
import type { RecordKind } from '../../catalog/contract/records/record-kind.ts'
import { canonical } from '../../engine/idempotency/idempotency-key.ts'
import type { Digest } from './digest.ts'
import { parseWebhook, type WebhookEvent } from './parse-webhook.ts'

export const deal = dealRecord as unknown as RecordKind
export const activity = activityRecord as unknown as RecordKind
export const digest: Digest = (...parts) => createHash('sha256').update(canonical(parts)).digest('hex')

type WebhookFields = Record<string, unknown>

/** The data of a deal in webhooks, as in Pipedrive's examples. */
export const dealData: WebhookFields = {
  id: 7,
  title: 'Chairs',
  owner_id: 1,
  creator_user_id: 1,
  status: 'open',
  stage_id: 1,
  pipeline_id: 1,
  value: 100,
  currency: 'EUR',
  add_time: '2026-11-22T10:00:00Z',
  update_time: '2026-11-22T11:00:00Z',
  stage_change_time: null,
  won_time: null,
  lost_time: null,
  close_time: null,
  probability: null,
  lost_reason: null,
  person_id: null,
  org_id: null,
  expected_close_date: null,
  visible_to: '3',
  label_ids: [],
  custom_fields: {},
}

export const activityData: WebhookFields = {
  id: 7,
  subject: 'Call',
  type: 'call',
  owner_id: 1,
  done: false,
  active_flag: true,
  add_time: '2026-11-22T10:00:00Z',
  update_time: '2026-11-22T11:00:00Z',
  due_date: '2026-11-23',
  due_time: null,
  duration: null,
  deal_id: null,
  person_id: null,
  org_id: null,
}

/** The body of a webhook. */
export const bodyOf = (
  action: string,
  data: WebhookFields | null,
  previous: WebhookFields | null,
  meta: WebhookFields = {},
): WebhookFields => ({
  data,
  previous,
  meta: {
    action,
    company_id: '1',
    entity: 'deal',
    entity_id: '7',
    id: 'event-1',
    timestamp: '2026-11-22T11:00:00.400Z',
    version: '2.0',
    attempt: 1,
    ...meta,
  },
})

export function eventOf(
  action: string,
  data: WebhookFields | null,
  previous: WebhookFields | null,
  meta: WebhookFields = {},
): WebhookEvent {
  const entity = meta['entity'] === 'activity' ? 'activity' : 'deal'
  return parseWebhook(bodyOf(action, data, previous, meta), entity)
}
