/** What Pipedrive sends and takes, as observed live and in its OpenAPI files. Times are RFC 3339 UTC, whole seconds; dates yyyy-MM-dd. A value of another type is null (`check-row.ts`), also where a type here says otherwise. */

/** A V2Deal is a deal as GET/POST/PATCH /api/v2/deals answer it. */
export interface V2Deal {
  id: number
  title: string
  creator_user_id: number
  owner_id: number
  value: number
  person_id: number | null
  org_id: number | null
  stage_id: number
  pipeline_id: number
  currency: string
  add_time: string
  update_time: string | null
  stage_change_time: string | null
  status: string
  is_deleted: boolean
  is_archived?: boolean
  archive_time?: string | null
  probability: number | null
  lost_reason: string | null
  visible_to: number
  close_time: string | null
  won_time: string | null
  lost_time: string | null
  local_won_date?: string | null
  local_lost_date?: string | null
  local_close_date?: string | null
  expected_close_date: string | null
  label_ids: number[]
  origin?: string | null
  origin_id?: string | null
  channel?: number | null
  channel_id?: string | null
  custom_fields: Record<string, unknown> | null
}

/** The fields of a deal that Pipedrive serves only when `include_fields` names them. */
export interface V2DealIncluded {
  next_activity_id: number | null
  last_activity_id: number | null
  first_won_time: string | null
  products_count: number
  files_count: number
  notes_count: number
  followers_count: number
  email_messages_count: number
  activities_count: number
  done_activities_count: number
  undone_activities_count: number
  participants_count: number
}

/** A V2DealWithIncluded is a deal read with every include_fields key that a mapping asked for. */
export type V2DealWithIncluded = V2Deal & V2DealIncluded

/** A V2DealBody is what POST and PATCH /api/v2/deals take; strictly typed there, nothing is coerced. */
export interface V2DealBody {
  title?: string
  owner_id?: number
  person_id?: number
  org_id?: number
  pipeline_id?: number
  stage_id?: number
  value?: number
  currency?: string
  status?: 'open' | 'won' | 'lost'
  probability?: number
  lost_reason?: string
  visible_to?: number
  close_time?: string
  won_time?: string
  lost_time?: string
  expected_close_date?: string
  is_archived?: boolean
  archive_time?: string
  label_ids?: number[]
  custom_fields?: Record<string, unknown>
}

/** A ClockTime is an activity's time of day or duration in any form that Pipedrive documents: HH:MM, HH:MM:SS, "", null, or the webhooks' object. */
export type ClockTime = string | null | { value?: string | null; timezone_id?: number | null }

/** A V2Activity is an activity as /api/v2/activities answers it. */
export interface V2Activity {
  id: number
  subject: string | null
  type: string
  owner_id: number
  creator_user_id: number
  is_deleted: boolean
  add_time: string
  update_time: string | null
  deal_id: number | null
  lead_id?: string | null
  person_id: number | null
  org_id: number | null
  project_id?: number | null
  due_date: string | null
  due_time: ClockTime
  duration: ClockTime
  busy?: boolean | null
  done: boolean
  marked_as_done_time: string | null
  note: string | null
  public_description?: string | null
  priority?: number | null
  location?: unknown
  participants?: { person_id: number; primary: boolean }[] | null
  attendees?: unknown
}

/** A V2ActivityBody is what POST /api/v2/activities takes. `person_id` is read-only there: people go into `participants`. */
export interface V2ActivityBody {
  subject?: string
  type?: string
  owner_id?: number
  deal_id?: number
  lead_id?: string
  org_id?: number
  project_id?: number
  due_date?: string
  due_time?: string
  duration?: string
  busy?: boolean
  done?: boolean
  note?: string
  public_description?: string
  priority?: number
  location?: Record<string, unknown>
  participants?: { person_id: number; primary: boolean }[]
  attendees?: Record<string, unknown>[]
}

export interface V2Stage {
  id: number
  order_nr: number
  name: string
  is_deleted: boolean
  deal_probability: number
  pipeline_id: number
  is_deal_rot_enabled: boolean
  days_to_rotten: number | null
  add_time: string
  update_time: string | null
}

export interface V2Pipeline {
  id: number
  name: string
  order_nr: number
  is_deleted: boolean
  is_deal_probability_enabled: boolean
  add_time: string
  update_time: string | null
}

export interface V2Person {
  id: number
  name: string
  owner_id: number
  org_id: number | null
  add_time: string
  update_time: string | null
  emails?: { value: string; primary: boolean; label: string }[] | null
  is_deleted: boolean
}

export interface V2Organization {
  id: number
  name: string
  owner_id: number
  add_time: string
  update_time: string | null
  is_deleted: boolean
}

/** A V1User is a user; users exist in API v1 only. `timezone_name` is an IANA name. */
export interface V1User {
  id: number
  name: string
  email: string
  active_flag: boolean
  timezone_name?: string | null
  default_currency?: string | null
}

/** A Me is the user and company that a key acts as (GET /v1/users/me). */
export interface Me extends V1User {
  company_id: number
  company_name?: string | null
  company_domain?: string | null
}

export interface V1ActivityType {
  id: number
  order_nr: number
  name: string | null
  key_string: string | null
  active_flag: boolean
}

export interface V1Currency {
  id: number
  code: string | null
  name: string | null
  active_flag: boolean
}

/** A V2DealField is the definition of one deal field; option ids are numbers, also for `visible_to`. */
export interface V2DealField {
  field_code: string
  field_name: string
  field_type: string
  is_custom_field: boolean
  options: { id: number; label: string }[] | null
}

/** A V1Webhook is a webhook as API v1 answers it; v2 has no such route. */
export interface V1Webhook {
  id: number
  subscription_url: string | null
  event_action: string
  event_object: string
  /** 1 or 0: removed webhooks may still be listed. */
  is_active: number
}

/** A V1WebhookBody is what POST /api/v1/webhooks takes. */
export interface V1WebhookBody {
  subscription_url: string
  event_action: string
  event_object: string
  name: string
  version: string
  http_auth_user: string
  http_auth_password: string
}
