import type { Company } from '../state/company.ts'
import type { FieldEntity } from '../state/fields.ts'
import type {
  ActivityRow,
  CustomValues,
  DealRow,
  LeadRow,
  NoteRow,
  OrganizationRow,
  PersonRow,
  PipelineRow,
  ProductRow,
  Row,
  StageRow,
} from '../state/records.ts'
import type { Table } from '../state/table.ts'
import { canSee, canSeeActivity, canSeeNote } from '../state/visibility.ts'
import { typedValues } from './custom-values.ts'
import type { EventAction, EventObject } from './rows.ts'

type Reader = Parameters<typeof canSee>[1]

/** An EntityPayload is how records of one kind are written in payloads, which is not how API v2 writes them. */
export interface EntityPayload<R extends Row> {
  object: EventObject
  table(company: Company): Table<R>
  canSee(row: R, reader: Reader): boolean
  /** What meta.entity_id says, when that is not the id. */
  id?(row: R): string
  data(row: R, at: { company: Company; action: EventAction }): Record<string, unknown>
  /** What `previous` of a change leaves out, although it has changed. */
  quiet: readonly string[]
  /** Fields that the last state in a delete leaves out. */
  goneInDelete?: readonly string[]
  /** Whether the last state in a delete is the one after it, with its flag and time. */
  deleteShowsAfter?: true
}

const typed = (row: { custom_fields: CustomValues }, company: Company, entity: FieldEntity) =>
  typedValues(company, entity, row.custom_fields)
const level = (row: { visible_to: number }): string => String(row.visible_to)
const everybody = (): boolean => true

const deal: EntityPayload<DealRow> = {
  object: 'deal',
  table: ({ deals }) => deals,
  canSee,
  data: (row, { company, action }) => ({
    add_time: row.add_time,
    archive_time: row.archive_time,
    channel: row.channel,
    channel_id: row.channel_id,
    close_time: row.close_time,
    creator_user_id: row.creator_user_id,
    currency: row.currency,
    custom_fields: typed(row, company, 'deal'),
    expected_close_date: row.expected_close_date,
    first_won_time: row.first_won_time,
    id: row.id,
    is_archived: row.is_archived,
    label_ids: row.label_ids,
    lost_reason: row.lost_reason,
    lost_time: row.lost_time,
    org_id: row.org_id,
    origin: row.origin,
    origin_id: row.origin_id,
    owner_id: row.owner_id,
    person_id: row.person_id,
    pipeline_id: row.pipeline_id,
    probability: row.probability,
    stage_change_time: row.stage_change_time,
    stage_id: row.stage_id,
    status: row.status,
    title: row.title,
    update_time: action === 'create' ? null : row.update_time,
    value: row.value,
    visible_to: level(row),
    won_time: row.won_time,
  }),
  quiet: ['update_time'],
}

/** A time of day: null in a create without one, later an object, be it empty. */
const clockTime = (time: string | null, action: EventAction) =>
  time === null && action === 'create' ? null : { timezone_id: null, value: time ?? '' }

const activity: EntityPayload<ActivityRow> = {
  object: 'activity',
  table: ({ activities }) => activities,
  canSee: canSeeActivity,
  data: (row, { action }) => ({
    active_flag: !row.is_deleted,
    add_time: row.add_time,
    busy_flag: row.busy || null,
    custom_fields: {},
    deal_id: row.deal_id,
    done: row.done,
    due_date: row.due_date,
    due_time: clockTime(row.due_time, action),
    duration: clockTime(row.duration, action),
    id: row.id,
    lead_id: row.lead_id,
    location: row.location,
    org_id: row.org_id,
    owner_id: row.owner_id,
    person_id: row.person_id,
    public_description: row.public_description ?? '',
    subject: row.subject,
    type: row.type,
    update_time: row.update_time,
    update_user_id: null,
  }),
  quiet: [],
  goneInDelete: ['update_user_id'],
}

const person: EntityPayload<PersonRow> = {
  object: 'person',
  table: ({ persons }) => persons,
  canSee,
  data: (row, { company }) => ({
    add_time: row.add_time,
    custom_fields: typed(row, company, 'person'),
    emails: row.emails,
    first_name: row.first_name,
    id: row.id,
    label: row.label_ids[0] ?? null,
    last_name: row.last_name,
    name: row.name,
    org_id: row.org_id,
    owner_id: row.owner_id,
    phones: row.phones,
    update_time: row.update_time,
    visible_to: level(row),
  }),
  quiet: ['update_time'],
}

const organization: EntityPayload<OrganizationRow> = {
  object: 'organization',
  table: ({ organizations }) => organizations,
  canSee,
  data: (row, { company }) => ({
    add_time: row.add_time,
    address: row.address,
    country_code: null,
    custom_fields: typed(row, company, 'organization'),
    id: row.id,
    label: row.label_ids[0] ?? null,
    name: row.name,
    owner_id: row.owner_id,
    picture_id: null,
    update_time: row.update_time,
    visible_to: level(row),
  }),
  quiet: ['update_time'],
}

const product: EntityPayload<ProductRow> = {
  object: 'product',
  table: ({ products }) => products,
  canSee,
  data: (row, { company }) => ({
    add_time: row.add_time,
    category: row.category === null ? null : String(row.category),
    code: row.code,
    custom_fields: typed(row, company, 'product'),
    description: row.description,
    id: row.id,
    name: row.name,
    owner_id: row.owner_id,
    selectable: row.is_linkable,
    tax: row.tax,
    unit: row.unit,
    update_time: row.update_time,
    visible_to: level(row),
    prices: row.prices.map((price) => ({ ...price, product_id: row.id })),
  }),
  quiet: [],
}

/** Leads have times with milliseconds. */
const withMilliseconds = (time: string | null): string | null => time && new Date(time).toISOString()

const lead: EntityPayload<LeadRow> = {
  object: 'lead',
  table: ({ leads }) => leads,
  canSee,
  id: ({ uuid }) => uuid,
  data: (row, { company }) => ({
    add_time: withMilliseconds(row.add_time),
    channel: row.channel,
    channel_id: row.channel_id,
    creator_id: row.creator_id,
    custom_fields: typed(row, company, 'deal'),
    expected_close_date: row.expected_close_date,
    id: row.uuid,
    is_archived: row.is_archived,
    label_ids: row.label_ids,
    next_activity_id: null,
    organization_id: row.organization_id,
    origin: row.origin,
    origin_id: row.origin_id,
    owner_id: row.owner_id,
    person_id: row.person_id,
    source_name: row.source_name,
    title: row.title,
    update_time: withMilliseconds(row.update_time),
    was_seen: row.was_seen,
    value: row.value,
  }),
  quiet: [],
}

const note: EntityPayload<NoteRow> = {
  object: 'note',
  table: ({ notes }) => notes,
  canSee: canSeeNote,
  data: (row) => ({
    id: row.id,
    user_id: row.user_id,
    deal_id: row.deal_id,
    person_id: row.person_id,
    org_id: row.org_id,
    lead_id: row.lead_id,
    project_id: row.project_id,
    active_flag: !row.is_deleted,
    content: row.content,
    add_time: row.add_time,
    update_time: row.update_time,
    pinned_to_deal_flag: row.pinned_to.includes('deal'),
    pinned_to_person_flag: row.pinned_to.includes('person'),
    pinned_to_organization_flag: row.pinned_to.includes('organization'),
  }),
  quiet: [],
  deleteShowsAfter: true,
}

const pipeline: EntityPayload<PipelineRow> = {
  object: 'pipeline',
  table: ({ pipelines }) => pipelines,
  canSee: everybody,
  data: (row) => ({
    id: row.id,
    name: row.name,
    url_title: row.name.replaceAll(' ', '-'),
    order_nr: row.order_nr,
    active_flag: !row.is_deleted,
    deal_probability: row.is_deal_probability_enabled,
    add_time: row.add_time,
    update_time: row.update_time,
  }),
  quiet: [],
}

const stage: EntityPayload<StageRow> = {
  object: 'stage',
  table: ({ stages }) => stages,
  canSee: everybody,
  data: (row) => ({
    id: row.id,
    name: row.name,
    active_flag: !row.is_deleted,
    rotten_days: row.days_to_rotten,
    order_nr: row.order_nr,
    deal_probability: row.deal_probability,
    rotten_flag: row.is_deal_rot_enabled,
    add_time: row.add_time,
    pipeline_id: row.pipeline_id,
    update_time: row.update_time,
  }),
  quiet: [],
}

/** A Visitor is given each payload table with the type of its rows. */
export type Visitor = <R extends Row>(entity: EntityPayload<R>) => void

/** Everything with a table of its own; users, who have none, are in `user-event.ts`. */
export function eachEntity(visit: Visitor): void {
  visit(deal)
  visit(activity)
  visit(person)
  visit(organization)
  visit(product)
  visit(lead)
  visit(note)
  visit(pipeline)
  visit(stage)
}
