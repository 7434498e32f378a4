import { type Company, widestVisibility } from '../state/company.ts'
import { splitName } from '../state/full-name.ts'
import type { Contact, DealRow } from '../state/records.ts'
import type { ActivitySeed, CompanySeed, DealSeed, OrganizationSeed, PersonSeed, PipelineSeed, ProductSeed } from './company-seed.ts'
import type { Days } from './relative-days.ts'
import { seedFollowers, seedRow } from './seed-row.ts'
import { loadFields } from './load-fields.ts'
import { loadLeads } from './load-leads.ts'
import { loadWebhook } from './load-webhook.ts'

/** Pipelines and stages are as old as the company. */
const FOUNDED_DAYS_AGO = 400

function loadPipeline(company: Company, seed: PipelineSeed, order: number, days: Days): void {
  const old = { ...seedRow(FOUNDED_DAYS_AGO, days), update_time: null }
  const pipeline = company.pipelines.insert({
    ...old,
    name: seed.name,
    order_nr: order,
    is_deal_probability_enabled: seed.withProbability ?? false,
  })
  seed.stages.forEach(({ name, probability }, order_nr) =>
    company.stages.insert({
      ...old,
      name,
      order_nr,
      pipeline_id: pipeline.id,
      deal_probability: probability,
      is_deal_rot_enabled: order_nr === 0,
      days_to_rotten: order_nr === 0 ? 14 : null,
    }),
  )
}

export function loadOrganization(company: Company, seed: OrganizationSeed, days: Days): void {
  company.organizations.insert({
    ...seedRow(seed.added, days),
    name: seed.name,
    owner_id: seed.owner,
    visible_to: seed.visible ?? widestVisibility(company),
    followers: seedFollowers(seed, days),
    address: seed.address === undefined ? null : { value: seed.address },
    label_ids: seed.labels ?? [],
    custom_fields: seed.custom ?? {},
    website: seed.website ?? null,
    linkedin: null,
    industry: null,
    annual_revenue: null,
    employee_count: seed.employees ?? null,
  })
}

const contacts = (seeds: PersonSeed['emails'] = []): Contact[] =>
  seeds.map(([value, label = 'work'], at) => ({ value, primary: at === 0, label }))

export function loadPerson(company: Company, seed: PersonSeed, days: Days): void {
  company.persons.insert({
    ...seedRow(seed.added, days, { deleted: seed.deleted }),
    ...splitName(seed.name),
    owner_id: seed.owner,
    visible_to: seed.visible ?? widestVisibility(company),
    followers: seedFollowers(seed, days),
    org_id: seed.org ?? null,
    emails: contacts(seed.emails),
    phones: contacts(seed.phones),
    label_ids: seed.labels ?? [],
    custom_fields: seed.custom ?? {},
  })
}

function closing({ won, lost, lostReason, wonBefore }: DealSeed, { time }: Days) {
  const closed = won ?? lost
  const status: DealRow['status'] = won !== undefined ? 'won' : lost !== undefined ? 'lost' : 'open'
  const firstWon = wonBefore ?? won
  return {
    status,
    close_time: closed === undefined ? null : time(closed),
    won_time: won === undefined ? null : time(won),
    lost_time: lost === undefined ? null : time(lost),
    first_won_time: firstWon === undefined ? null : time(firstWon),
    lost_reason: lostReason ?? null,
  }
}

export function loadDeal(company: Company, seed: DealSeed, days: Days): void {
  const stage = company.stages.get(seed.stage)
  if (!stage) throw new Error(`The deal ${seed.title} has an unknown stage`)
  const latest = [seed.updated, seed.moved, seed.won, seed.lost, seed.archived].filter((day) => day !== undefined)
  const deal = company.deals.insert({
    ...seedRow(seed.added, days, { updated: Math.min(seed.added, ...latest), deleted: seed.deleted }),
    title: seed.title,
    creator_user_id: seed.creator ?? seed.owner,
    owner_id: seed.owner,
    value: seed.value,
    currency: seed.currency ?? company.currencies[0]!.code,
    person_id: seed.person ?? null,
    org_id: seed.org ?? null,
    stage_id: stage.id,
    pipeline_id: stage.pipeline_id,
    ...closing(seed, days),
    probability: seed.probability ?? null,
    stage_change_time: seed.moved === undefined ? null : days.time(seed.moved),
    expected_close_date: seed.expected === undefined ? null : days.date(seed.expected),
    visible_to: seed.visible ?? widestVisibility(company),
    label_ids: seed.labels ?? [],
    origin: seed.origin ?? 'ManuallyCreated',
    origin_id: null,
    channel: null,
    channel_id: null,
    is_archived: seed.archived !== undefined,
    archive_time: seed.archived === undefined ? null : days.time(seed.archived),
    custom_fields: seed.custom ?? {},
    followers: seedFollowers(seed, days),
    files_count: seed.files ?? 0,
    email_messages_count: seed.emails ?? 0,
  })
  loadDealProducts(company, deal, seed, days)
  for (const person_id of seed.participants ?? [])
    company.participants.insert({ ...seedRow(seed.added, days), deal_id: deal.id, person_id, added_by: seed.owner, removed_by: null })
}

export function loadActivity(company: Company, seed: ActivitySeed, days: Days): void {
  const participantIds = [seed.person, ...(seed.others ?? [])].filter((id) => id !== undefined)
  company.activities.insert({
    ...seedRow(seed.added, days, { updated: seed.done, deleted: seed.deleted }),
    subject: seed.subject,
    type: seed.type,
    owner_id: seed.owner,
    creator_user_id: seed.creator ?? seed.owner,
    deal_id: seed.deal ?? null,
    lead_id: seed.lead ?? null,
    project_id: null,
    person_id: participantIds[0] ?? null,
    participants: participantIds.map((person_id, at) => ({ person_id, primary: at === 0 })),
    org_id: seed.org ?? null,
    due_date: seed.due === undefined ? null : days.date(seed.due),
    due_time: seed.time === undefined ? null : `${seed.time}:00`,
    duration: seed.duration === undefined ? null : `${seed.duration}:00`,
    busy: seed.busy ?? seed.time !== undefined,
    done: seed.done !== undefined,
    marked_as_done_time: seed.done === undefined ? null : days.time(seed.done),
    location: seed.place === undefined ? null : { value: seed.place },
    attendees: seed.attendee === undefined ? [] : [{ email: seed.attendee, status: 'noreply', is_organizer: false }],
    public_description: seed.description ?? null,
    priority: seed.priority ?? null,
    note: seed.note ?? null,
  })
}

function loadProduct(company: Company, seed: ProductSeed, days: Days): void {
  company.products.insert({
    ...seedRow(seed.added, days, { deleted: seed.deleted }),
    name: seed.name,
    code: seed.code ?? null,
    description: seed.description ?? null,
    unit: seed.unit ?? null,
    tax: seed.tax ?? 0,
    category: seed.category ?? null,
    owner_id: seed.owner,
    visible_to: seed.visible ?? widestVisibility(company),
    followers: seedFollowers(seed, days),
    is_linkable: seed.is_linkable ?? true,
    billing_frequency: seed.billing ?? 'one-time',
    billing_frequency_cycles: seed.cycles ?? null,
    prices: seed.prices.map((price) => ({ cost: 0, direct_cost: null, notes: '', ...price })),
    custom_fields: seed.custom ?? {},
  })
}

function loadDealProducts(company: Company, deal: DealRow, seed: DealSeed, days: Days): void {
  seed.products?.forEach((product, at) =>
    company.dealProducts.insert({
      ...seedRow(seed.added, days),
      deal_id: deal.id,
      product_variation_id: null,
      order_nr: (at + 1) * 10,
      comments: '',
      discount: 0,
      discount_type: 'percentage',
      tax: 0,
      tax_method: 'inclusive',
      is_enabled: true,
      billing_frequency: 'one-time',
      billing_frequency_cycles: null,
      billing_start_date: null,
      ...product,
    }),
  )
}

/** Adds all records of a seed to a company. */
export function loadRecords(company: Company, seed: CompanySeed, days: Days): void {
  seed.pipelines.forEach((pipeline, at) => loadPipeline(company, pipeline, at + 1, days))
  loadFields(company, seed, days)
  for (const product of seed.products) loadProduct(company, product, days)
  for (const organization of seed.organizations) loadOrganization(company, organization, days)
  for (const person of seed.persons) loadPerson(company, person, days)
  for (const deal of seed.deals) loadDeal(company, deal, days)
  for (const activity of seed.activities) loadActivity(company, activity, days)
  loadLeads(company, seed, days)
  for (const webhook of seed.webhooks) loadWebhook(company, webhook, days)
}
