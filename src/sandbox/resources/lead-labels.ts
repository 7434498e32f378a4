import * as z from 'zod'
import { wording } from '../http/answer.ts'
import { newRow, removal } from '../state/caller.ts'
import type { LeadLabelRow } from '../state/records.ts'
import { uuidOf } from '../state/uuid.ts'
import type { Call, Route } from './route.ts'
import { readV1Body, v1, v1Answer, v1Refusal } from './v1.ts'

const colors = ['blue', 'brown', 'dark-gray', 'gray', 'green', 'orange', 'pink', 'purple', 'red', 'yellow'] as const
const change = z.object({ name: z.string().min(1).optional(), color: z.enum(colors).optional() })

/** The sources that leads can have; nobody can change this list. */
const sources = [
  'Manually created',
  'Deal',
  'Web forms',
  'Prospector',
  'Leadbooster',
  'Live chat',
  'Import',
  'Website visitors',
  'Workflow automation',
  'API',
]

const withMs = (time: string): string => time.replace(/Z$/, '.000Z')
const show = ({ uuid, name, color, add_time, update_time }: LeadLabelRow) => ({
  id: uuid,
  name,
  color,
  add_time: withMs(add_time),
  update_time: withMs(update_time ?? add_time),
})

function labelOf({ company, params }: Call): LeadLabelRow {
  const label = [...company.leadLabels.where('uuid', params['id'])].find(({ is_deleted }) => !is_deleted)
  if (!label) throw v1Refusal(404, 'Lead label not found', 'Object was not found.')
  return label
}

function create(call: Call) {
  const { company, behaviour } = call
  const { name, color } = readV1Body(change, call)
  if (name === undefined || color === undefined)
    throw v1Refusal(400, `${name === undefined ? 'name' : 'color'}: ${wording(behaviour, 'required')}`)
  const uuid = uuidOf('leadLabel', company.id, company.leadLabels.lastId + 1)
  return v1Answer(show(company.leadLabels.insert({ ...newRow(call), readable_from: call.now, uuid, name, color })))
}

function update(call: Call) {
  const label = labelOf(call)
  const { name = label.name, color = label.color } = readV1Body(change, call)
  call.company.leadLabels.change(label, { name, color, update_time: call.time })
  return v1Answer(show(label))
}

/** Leads lose a label that is deleted. */
function remove(call: Call) {
  const label = labelOf(call)
  const { leads, leadLabels } = call.company
  for (const lead of leads.walk())
    if (lead.label_ids.includes(label.uuid)) leads.change(lead, { label_ids: lead.label_ids.filter((id) => id !== label.uuid) })
  leadLabels.change(label, removal(call))
  return v1Answer({ id: label.uuid })
}

export const leadLabelRoutes: readonly Route[] = [
  ...v1('GET', '/leadLabels', 10, ({ company }) => v1Answer([...company.leadLabels.walk()].filter((label) => !label.is_deleted).map(show))),
  ...v1('POST', '/leadLabels', 10, create),
  ...v1('PATCH', '/leadLabels/:id', 10, update),
  ...v1('DELETE', '/leadLabels/:id', 6, remove),
  ...v1('GET', '/leadSources', 2, () => v1Answer(sources.map((name) => ({ name })))),
]
