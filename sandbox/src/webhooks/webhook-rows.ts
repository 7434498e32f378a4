import type { Row } from '../state/records.ts'

export const EVENT_ACTIONS = ['create', 'change', 'delete', '*'] as const
export const EVENT_OBJECTS = [
  'activity',
  'deal',
  'lead',
  'note',
  'organization',
  'person',
  'pipeline',
  'product',
  'stage',
  'user',
  '*',
] as const

export type EventAction = Exclude<(typeof EVENT_ACTIONS)[number], '*'>
export type EventObject = Exclude<(typeof EVENT_OBJECTS)[number], '*'>

/** A WebhookRow is a webhook. `add_time` has milliseconds; a removed one is marked as deleted. Numeric times are milliseconds of the clock. */
export interface WebhookRow extends Row {
  name: string
  subscription_url: string
  event_action: EventAction | '*'
  event_object: EventObject | '*'
  version: '2.0'
  /** The user whose permissions filter the events. */
  user_id: number
  /** The user who created it. */
  owner_id: number
  http_auth_user: string | null
  http_auth_password: string | null
  remove_reason: string | null
  remove_time: string | null
  last_delivery_time: string | null
  last_http_status: number | null
  /** Deliveries whose first attempt failed since the last ban. */
  ban_count: number
  banned_until: number | null
  /** When a delivery first failed after the last success. */
  failing_since: number | null
}

/** A Payload is the body of a delivery. */
export interface Payload {
  data: Record<string, unknown> | null
  previous: Record<string, unknown> | null
  meta: Meta
}

/** A Meta is the metadata of an event; all ids are texts. */
export interface Meta {
  action: EventAction
  company_id: string
  correlation_id: string
  entity_id: string
  entity: EventObject
  id: string
  is_bulk_edit: boolean
  /** RFC 3339 with milliseconds; events of users have seconds since 1970. */
  timestamp: string | number
  type: 'general'
  user_id: string
  version: '2.0'
  webhook_id: string
  webhook_owner_id: string
  change_source: 'api' | 'app'
  /** 1 to 4. */
  attempt: number
  host: string
  /** The users who see the record; missing in events of users. */
  permitted_user_ids?: string[]
  /** In the delete of a merge: the record that stays. */
  merged_to_id?: string
  /** In the change of a merge: the deleted record. */
  merged_from_id?: string
}

/** An Attempt is one attempt of a delivery: the status of the answer, or the failure. */
export interface Attempt {
  time: string
  status: number | null
  failure: string | null
  ms: number
}

/** A DeliveryRow is the delivery of one event to one webhook. */
export interface DeliveryRow extends Row {
  webhook_id: number
  payload: Payload
  /** `banned` (during a ban) and `lost` deliveries are never sent. */
  state: 'pending' | 'delivered' | 'failed' | 'lost' | 'banned'
  /** The reason of `lost` or `banned`. */
  reason: string | null
  attempts: Attempt[]
  /** The time of the next attempt. */
  next_at: number | null
  /** A user resent it. */
  resent: boolean
}
