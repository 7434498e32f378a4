import { type Company, widestVisibility } from '../state/company.ts'
import type { LeadRow, NoteRow } from '../state/records.ts'
import type { Days } from './relative-days.ts'
import { seedFollowers, seedRow } from './seed-row.ts'
import type { CompanySeed, LeadSeed, NoteSeed } from './company-seed.ts'

const toLead = (company: Company, seed: LeadSeed, days: Days): Omit<LeadRow, 'id'> => ({
  ...seedRow(seed.added, days),
  uuid: seed.id,
  title: seed.title,
  owner_id: seed.owner,
  creator_id: seed.owner,
  visible_to: seed.visible ?? widestVisibility(company),
  followers: seedFollowers(seed, days),
  label_ids: seed.labels ?? [],
  person_id: seed.person ?? null,
  organization_id: seed.org ?? null,
  source_name: seed.source ?? 'Manually created',
  origin: seed.source === undefined ? 'ManuallyCreated' : seed.source.replace(/\s/g, ''),
  origin_id: null,
  channel: null,
  channel_id: null,
  source_deal_id: null,
  is_archived: seed.archived ?? false,
  was_seen: seed.seen ?? false,
  value: seed.value === undefined ? null : { amount: seed.value, currency: seed.currency ?? company.currencies[0]!.code },
  expected_close_date: seed.expected === undefined ? null : days.date(seed.expected),
  custom_fields: {},
})

const toNote = (seed: NoteSeed, days: Days): Omit<NoteRow, 'id'> => ({
  ...seedRow(seed.added, days),
  content: seed.content,
  user_id: seed.user,
  last_update_user_id: null,
  deal_id: seed.deal ?? null,
  lead_id: seed.lead ?? null,
  person_id: seed.person ?? null,
  org_id: seed.org ?? null,
  project_id: null,
  task_id: null,
  pinned_to: seed.pinned ?? [],
})

/** Adds leads, lead labels and notes. */
export function loadLeads(company: Company, { leadLabels, leads, notes }: CompanySeed, days: Days): void {
  for (const { id, name, color } of leadLabels) company.leadLabels.insert({ ...seedRow(400, days), uuid: id, name, color })
  for (const lead of leads) company.leads.insert(toLead(company, lead, days))
  for (const note of notes) company.notes.insert(toNote(note, days))
}
