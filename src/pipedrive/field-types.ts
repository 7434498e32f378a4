import type {
  Me,
  V1ActivityType,
  V1Currency,
  V1User,
  V1Webhook,
  V2Activity,
  V2Deal,
  V2DealIncluded,
  V2Organization,
  V2Person,
  V2Pipeline,
  V2Stage,
} from './api-types.ts'

/**
 * A FieldType is the documented JSON type of a field. A `flag` is a boolean of API v1, which may be 0 or 1; a `clock` a time of day in one of its
 * forms; an `object` is never an answer's value.
 */
export type FieldType = 'integer' | 'number' | 'string' | 'boolean' | 'array' | 'object' | 'flag' | 'clock'

/** FieldTypes are every field of a record with its type; a key that is missing here, or is here and not there, does not compile. */
export type FieldTypes<T> = { readonly [K in keyof T]-?: FieldType }

const user: FieldTypes<V1User> = {
  id: 'integer',
  name: 'string',
  email: 'string',
  active_flag: 'flag',
  timezone_name: 'string',
  default_currency: 'string',
}
const deal: FieldTypes<V2Deal> = {
  id: 'integer',
  title: 'string',
  creator_user_id: 'integer',
  owner_id: 'integer',
  value: 'number',
  person_id: 'integer',
  org_id: 'integer',
  stage_id: 'integer',
  pipeline_id: 'integer',
  currency: 'string',
  add_time: 'string',
  update_time: 'string',
  stage_change_time: 'string',
  status: 'string',
  is_deleted: 'boolean',
  is_archived: 'boolean',
  archive_time: 'string',
  probability: 'number',
  lost_reason: 'string',
  visible_to: 'integer',
  close_time: 'string',
  won_time: 'string',
  lost_time: 'string',
  local_won_date: 'string',
  local_lost_date: 'string',
  local_close_date: 'string',
  expected_close_date: 'string',
  label_ids: 'array',
  origin: 'string',
  origin_id: 'string',
  channel: 'integer',
  channel_id: 'string',
  custom_fields: 'object',
}
const activity: FieldTypes<V2Activity> = {
  id: 'integer',
  subject: 'string',
  type: 'string',
  owner_id: 'integer',
  creator_user_id: 'integer',
  is_deleted: 'boolean',
  add_time: 'string',
  update_time: 'string',
  deal_id: 'integer',
  lead_id: 'string',
  person_id: 'integer',
  org_id: 'integer',
  project_id: 'integer',
  due_date: 'string',
  due_time: 'clock',
  duration: 'clock',
  busy: 'boolean',
  done: 'boolean',
  marked_as_done_time: 'string',
  note: 'string',
  public_description: 'string',
  priority: 'integer',
  location: 'object',
  participants: 'array',
  attendees: 'array',
}
const included: FieldTypes<V2DealIncluded> = {
  next_activity_id: 'integer',
  last_activity_id: 'integer',
  first_won_time: 'string',
  products_count: 'integer',
  files_count: 'integer',
  notes_count: 'integer',
  followers_count: 'integer',
  email_messages_count: 'integer',
  activities_count: 'integer',
  done_activities_count: 'integer',
  undone_activities_count: 'integer',
  participants_count: 'integer',
}
const named = { id: 'integer', name: 'string' } as const
const times = { add_time: 'string', update_time: 'string' } as const
const stage: FieldTypes<V2Stage> = {
  ...named,
  ...times,
  order_nr: 'integer',
  is_deleted: 'boolean',
  deal_probability: 'integer',
  pipeline_id: 'integer',
  is_deal_rot_enabled: 'boolean',
  days_to_rotten: 'integer',
}
const pipeline: FieldTypes<V2Pipeline> = {
  ...named,
  ...times,
  order_nr: 'integer',
  is_deleted: 'boolean',
  is_deal_probability_enabled: 'boolean',
}
const person: FieldTypes<V2Person> = { ...named, ...times, owner_id: 'integer', org_id: 'integer', emails: 'array', is_deleted: 'boolean' }
const organization: FieldTypes<V2Organization> = { ...named, ...times, owner_id: 'integer', is_deleted: 'boolean' }
const me: FieldTypes<Me> = { ...user, company_id: 'integer', company_name: 'string', company_domain: 'string' }
const activityType: FieldTypes<V1ActivityType> = { ...named, order_nr: 'integer', key_string: 'string', active_flag: 'flag' }
const currency: FieldTypes<V1Currency> = { ...named, code: 'string', active_flag: 'flag' }
const webhook: FieldTypes<V1Webhook> = {
  id: 'integer',
  subscription_url: 'string',
  event_action: 'string',
  event_object: 'string',
  is_active: 'flag',
}

/** The types of the records that Pipedrive returns. */
export const fieldTypes = { user, deal, included, activity, stage, pipeline, person, organization, me, activityType, currency, webhook }
