import type { ActivityRow, DealRow, OrganizationRow, PersonRow, PipelineRow, StageRow } from './records.ts'
import type { Table } from './table.ts'

/** A User is a person who works in a company; keys act as one. */
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
}

/** A Group is a visibility group; a group with a parent is its sub-group. */
export interface Group {
  id: number
  name: string
  parent_id: number | null
}

/** A Plan is what the company pays for: its visibility levels and how much it may call. */
export interface Plan {
  name: string
  /** Option id of visible_to -> its label, in the company's language. */
  visibility: Readonly<Record<number, string>>
  /** Calls per key in 2 s. */
  burst: number
  /** Times 30,000 and the number of active users: the tokens of a day. */
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

export interface Option {
  id: number
  label: string
  color?: string
}

/** A CustomField is a deal field that the company has defined; its code is 40 hexadecimal digits. */
export interface CustomField {
  code: string
  name: string
  type: 'varchar' | 'monetary'
}

/** A Company is one Pipedrive account with everything in it. */
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
  dealLabels: Option[]
  dealCustomFields: CustomField[]
  pipelines: Table<PipelineRow>
  stages: Table<StageRow>
  deals: Table<DealRow>
  activities: Table<ActivityRow>
  persons: Table<PersonRow>
  organizations: Table<OrganizationRow>
}

/** A Key is an API key and whom it acts as. */
export interface Key {
  key: string
  company: Company
  user: User
}

export type World = ReadonlyMap<string, Key>

/** The stages of a pipeline in their order. */
export const stagesOf = (company: Company, pipelineId: number): StageRow[] =>
  [...company.stages.where('pipeline_id', pipelineId)].filter((stage) => !stage.is_deleted).sort((a, b) => a.order_nr - b.order_nr)

/** The pipeline that a deal falls into when nobody chose one. */
export const defaultPipeline = (company: Company): PipelineRow => {
  const [first] = [...company.pipelines.walk()].filter((pipeline) => !pipeline.is_deleted).sort((a, b) => a.order_nr - b.order_nr)
  if (!first) throw new Error(`${company.name} has no pipeline`)
  return first
}

/** Everybody sees a new record, unless it says otherwise. */
export const widestVisibility = ({ plan }: Company): number => Math.max(...Object.keys(plan.visibility).map(Number))
