import type {
  ActivityRow,
  ChangeRow,
  ConversionRow,
  DealProductRow,
  DealRow,
  DiscountRow,
  Follower,
  InstallmentRow,
  LeadLabelRow,
  LeadRow,
  NoteRow,
  OrganizationRow,
  ParticipantRow,
  PersonRow,
  PipelineRow,
  ProductRow,
  Row,
  StageRow,
  VariationRow,
} from './records.ts'
import type { DeliveryRow, WebhookRow } from '../webhooks/webhook-rows.ts'
import type { FieldRow } from './fields.ts'
import type { Table } from './table.ts'

/** A User is a user of a company; an API key acts as one. */
export interface User {
  id: number
  name: string
  email: string
  phone: string | null
  locale: string
  timezone_name: string
  default_currency: string
  active_flag: boolean
  is_admin: boolean
  group_id: number
  created: string
  modified: string
  followers?: Follower[]
}

/** A Group is a visibility group; a group with a parent is its sub-group. */
export interface Group {
  id: number
  name: string
  parent_id: number | null
}

/** A Plan is a company's Pipedrive plan: its visibility levels and limits. */
export interface Plan {
  name: string
  /** Option id of visible_to -> its label, in the company's language. */
  visibility: Readonly<Record<number, string>>
  /** Calls per key in 2 s. */
  burst: number
  /** Daily tokens are 30,000 times this, times the number of active users. */
  multiplier: number
}

export interface ActivityType {
  id: number
  order_nr: number
  name: string
  key_string: string
  icon_key: string
  active_flag: boolean
  color: string | null
  is_custom_flag: boolean
  add_time: string
  update_time: string | null
}

export interface Currency {
  id: number
  code: string
  name: string
  decimal_points: number
  symbol: string
  active_flag: boolean
  is_custom_flag: boolean
}

/** A Company is one Pipedrive account with all its data. */
export interface Company {
  id: number
  name: string
  domain: string
  country: string
  language: string
  plan: Plan
  users: Map<number, User>
  groups: Map<number, Group>
  activityTypes: ActivityType[]
  currencies: Currency[]
  fields: Table<FieldRow>
  pipelines: Table<PipelineRow>
  stages: Table<StageRow>
  deals: Table<DealRow>
  activities: Table<ActivityRow>
  persons: Table<PersonRow>
  organizations: Table<OrganizationRow>
  products: Table<ProductRow>
  dealProducts: Table<DealProductRow>
  variations: Table<VariationRow>
  discounts: Table<DiscountRow>
  installments: Table<InstallmentRow>
  notes: Table<NoteRow>
  leads: Table<LeadRow>
  leadLabels: Table<LeadLabelRow>
  participants: Table<ParticipantRow>
  conversions: Table<ConversionRow>
  changes: Table<ChangeRow>
  webhooks: Table<WebhookRow>
  webhookDeliveries: Table<DeliveryRow>
}

/** Tables are the properties of a company that are tables. */
export type Tables = { [K in keyof Company as Company[K] extends Pick<Table<Row>, 'lastId' | 'skipTo'> ? K : never]: Company[K] }

/** An ApiKey is an API key and its user. */
export interface ApiKey {
  key: string
  company: Company
  user: User
}

export type World = ReadonlyMap<string, ApiKey>

export const companiesIn = (world: World): Company[] => [...new Set([...world.values()].map(({ company }) => company))]

/** The stages of a pipeline in their order. */
export const stagesOf = (company: Company, pipelineId: number): StageRow[] =>
  [...company.stages.where('pipeline_id', pipelineId)].filter((stage) => !stage.is_deleted).sort((a, b) => a.order_nr - b.order_nr)

/** The pipeline of a deal that names none: the first one with a stage. */
export const defaultPipeline = (company: Company): PipelineRow => {
  const [first] = [...company.pipelines.walk()]
    .filter(({ is_deleted, id }) => !is_deleted && stagesOf(company, id).length > 0)
    .sort((a, b) => a.order_nr - b.order_nr)
  if (!first) throw new Error(`${company.name} has no pipeline`)
  return first
}

/** The default level of a new record: the entire company. */
export const widestVisibility = ({ plan }: Company): number => Math.max(...Object.keys(plan.visibility).map(Number))
