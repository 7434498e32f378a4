/** A Row holds the columns that all kinds of records share. `readable_from` and `deleted_at` are seconds of the clock and internal. */
export interface Row {
  id: number
  add_time: string
  update_time: string | null
  is_deleted: boolean
  /** Reads return the row from this second on (late commits). */
  readable_from: number
  deleted_at: number | null
}

/** An Owned row has an owner and a visibility level for other users. */
export interface Owned extends Row {
  owner_id: number
  visible_to: number
  followers: Follower[]
}

export type CustomValues = Record<string, unknown>

/** A Follower follows from `since` on: in Pipedrive the owner follows shortly after the creation. */
export interface Follower {
  user_id: number
  since: number
  /** The user who added the follower, if another user. */
  by?: number
  /** The end of following; the entry stays for the changelog. */
  until?: number
  removed_by?: number
}

/** An Option is one option of a field: a label, a category, or an option of a custom field. */
export interface Option {
  id: number
  label: string
  color?: string
}

/** A DealRow is a deal. `status` keeps its value after a deletion. */
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
  files_count: number
  email_messages_count: number
  /** The lead from which it was converted. */
  source_lead_id?: string
}

export interface Participant {
  person_id: number
  primary: boolean
}

/** An ActivityRow is an activity. Times of day are stored as HH:MM:SS; `person_id` is the primary participant. */
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
  location: Address | null
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

/** An Address is a place with its parts; only the full text is required. */
export type Address = { value: string } & Partial<Record<AddressPart, string | null>>
export type AddressPart = (typeof addressParts)[number]
export const addressParts = [
  'country',
  'admin_area_level_1',
  'admin_area_level_2',
  'locality',
  'sublocality',
  'route',
  'street_number',
  'subpremise',
  'postal_code',
  'formatted_address',
] as const

/** A PersonRow is a person. */
export interface PersonRow extends Owned {
  name: string
  first_name: string | null
  last_name: string | null
  custom_fields: CustomValues
  marketing_status?: string
  /** Fields of companies with contact sync. */
  synced?: { postal_address?: Address; notes?: string; im?: Contact[]; birthday?: string; job_title?: string }
  org_id: number | null
  emails: Contact[]
  phones: Contact[]
  label_ids: number[]
}

/** An OrganizationRow is an organization. */
export interface OrganizationRow extends Owned {
  name: string
  custom_fields: CustomValues
  address: Address | null
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

/** A NoteRow is a note on one or several of a deal, a lead, a person and an organization. */
export interface NoteRow extends Row {
  content: string
  user_id: number
  last_update_user_id: number | null
  deal_id: number | null
  lead_id: string | null
  person_id: number | null
  org_id: number | null
  project_id: number | null
  task_id: number | null
  /** The kinds of records it is pinned to: `deal`, `lead`, `organization`, `person`, `project`, `task`. */
  pinned_to: string[]
}

/** A LeadRow is a lead. Its public id is `uuid`; `id` is internal. */
export interface LeadRow extends Owned {
  uuid: string
  title: string
  creator_id: number
  label_ids: string[]
  person_id: number | null
  organization_id: number | null
  source_name: string
  origin: string
  origin_id: string | null
  channel: number | null
  channel_id: string | null
  source_deal_id: number | null
  is_archived: boolean
  was_seen: boolean
  value: { amount: number; currency: string } | null
  expected_close_date: string | null
  /** The custom fields of deals; only those with a value. */
  custom_fields: CustomValues
}

/** A LeadLabelRow is a label of leads. */
export interface LeadLabelRow extends Row {
  uuid: string
  name: string
  color: string
}

/** A ParticipantRow is a participant of a deal other than the deal's own person. */
export interface ParticipantRow extends Row {
  deal_id: number
  person_id: number
  added_by: number
  removed_by: number | null
}

/** A ConversionRow is an asynchronous conversion of a lead to a deal, or of a deal to a lead. */
export interface ConversionRow extends Row {
  uuid: string
  from: 'deal' | 'lead'
  deal_id: number | null
  lead_id: string | null
  status: 'not_started' | 'running' | 'completed' | 'failed' | 'rejected'
  user_id: number
  stage_id: number | null
  pipeline_id: number | null
}

export const billingFrequencies = ['one-time', 'annually', 'semi-annually', 'quarterly', 'monthly', 'weekly'] as const

/** A Billing is a billing frequency; without cycles it never ends. */
export interface Billing {
  billing_frequency: (typeof billingFrequencies)[number]
  billing_frequency_cycles: number | null
}

/** A Price is the price of a product in one currency. */
export interface Price {
  price: number
  currency: string
  cost: number
  direct_cost: number | null
  notes: string
}

/** A ProductRow is a product; `category` is an option of the product field of that name. */
export interface ProductRow extends Owned, Billing {
  name: string
  code: string | null
  description: string | null
  unit: string | null
  tax: number
  category: number | null
  is_linkable: boolean
  prices: Price[]
  custom_fields: CustomValues
}

/** A VariationRow is a variation of a product with separate prices. */
export interface VariationRow extends Row {
  product_id: number
  name: string
  prices: Price[]
}

/** A DiscountRow is a discount on a deal. Its public id is `uuid`; `id` is internal. */
export interface DiscountRow extends Row {
  uuid: string
  deal_id: number
  description: string
  amount: number
  type: 'percentage' | 'amount'
  created_by: number
  updated_by: number
}

/** An InstallmentRow is a part of a deal's value and its billing date. */
export interface InstallmentRow extends Row {
  deal_id: number
  description: string
  amount: number
  billing_date: string
}

/** A DealProductRow is a product attached to a deal. It is priced in the deal's currency. */
export interface DealProductRow extends Row, Billing {
  deal_id: number
  product_id: number
  product_variation_id: number | null
  order_nr: number
  comments: string
  quantity: number
  item_price: number
  discount: number
  discount_type: 'percentage' | 'amount'
  tax: number
  tax_method: 'exclusive' | 'inclusive' | 'none'
  is_enabled: boolean
  billing_start_date: string | null
}

/** A ChangeRow is one change of one field. */
export interface ChangeRow extends Row {
  /** The kind and id of the record as one text, for the index. */
  record: string
  field_key: string
  old_value: string | null
  new_value: string | null
  actor_user_id: number
  change_source: 'api' | 'app'
  is_custom: boolean
}
