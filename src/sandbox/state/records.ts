/** A Row is what every kind of record under /api/v2 keeps. `readable_from` and `deleted_at` are seconds by the clock and never leave. */
export interface Row {
  id: number
  add_time: string
  update_time: string | null
  is_deleted: boolean
  /** Reads see the row from this second on (late commits). */
  readable_from: number
  deleted_at: number | null
}

/** An Owned row is seen by others as `visible_to` says. */
export interface Owned extends Row {
  owner_id: number
  visible_to: number
}

export type CustomValues = Record<string, unknown>

/** A Follower counts from a certain second on: Pipedrive lets the owner follow a moment after the deal was created. */
export interface Follower {
  user_id: number
  since: number
}

/** A DealRow is a deal. `status` is the last one that it had alive. */
export interface DealRow extends Owned {
  title: string
  creator_user_id: number
  value: number
  currency: string
  person_id: number | null
  org_id: number | null
  stage_id: number
  pipeline_id: number
  status: 'open' | 'won' | 'lost'
  probability: number | null
  lost_reason: string | null
  stage_change_time: string | null
  close_time: string | null
  won_time: string | null
  lost_time: string | null
  first_won_time: string | null
  expected_close_date: string | null
  label_ids: number[]
  origin: string
  origin_id: string | null
  channel: number | null
  channel_id: string | null
  is_archived: boolean
  archive_time: string | null
  custom_fields: CustomValues
  followers: Follower[]
  products_count: number
  files_count: number
  notes_count: number
  email_messages_count: number
}

export interface Participant {
  person_id: number
  primary: boolean
}

/** An ActivityRow is an activity. Times of day are kept as HH:MM:SS; `person_id` is the primary participant. */
export interface ActivityRow extends Row {
  subject: string | null
  type: string
  owner_id: number
  creator_user_id: number
  deal_id: number | null
  lead_id: string | null
  person_id: number | null
  org_id: number | null
  project_id: number | null
  due_date: string | null
  due_time: string | null
  duration: string | null
  busy: boolean
  done: boolean
  marked_as_done_time: string | null
  location: Record<string, unknown> | null
  participants: Participant[]
  attendees: Record<string, unknown>[]
  public_description: string | null
  priority: number | null
  note: string | null
}

export interface Contact {
  value: string
  primary: boolean
  label: string
}

/** A PersonRow is a person. */
export interface PersonRow extends Owned {
  name: string
  org_id: number | null
  emails: Contact[]
  phones: Contact[]
  label_ids: number[]
}

/** An OrganizationRow is an organization. */
export interface OrganizationRow extends Owned {
  name: string
  address: Record<string, unknown> | null
  label_ids: number[]
  website: string | null
  linkedin: string | null
  industry: number | null
  annual_revenue: number | null
  employee_count: number | null
}

/** A PipelineRow is a pipeline. */
export interface PipelineRow extends Row {
  name: string
  order_nr: number
  is_deal_probability_enabled: boolean
}

/** A StageRow is a stage; `order_nr` counts from 0 in each pipeline. */
export interface StageRow extends Row {
  name: string
  order_nr: number
  pipeline_id: number
  deal_probability: number
  is_deal_rot_enabled: boolean
  days_to_rotten: number | null
}
