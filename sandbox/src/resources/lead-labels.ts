import * as z from 'zod'
import { wording } from '../http/answer.ts'
import { newRow } from '../state/caller.ts'
import type { LeadLabelRow } from '../state/records.ts'
import { uuidOf } from '../state/uuid.ts'
import type { Resource } from './resource.ts'
import type { Route } from './route.ts'
import { v1, v1Answer, v1Refusal } from './v1.ts'
import { leadLabelView } from './views/lead-views.ts'

const colors = ['blue', 'brown', 'dark-gray', 'gray', 'green', 'orange', 'pink', 'purple', 'red', 'yellow'] as const
const change = z.object({ name: z.string().min(1).optional(), color: z.enum(colors).optional() })

/** The sources of leads; a fixed list. */
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

export const leadLabels: Resource<LeadLabelRow, typeof change> = {
  path: 'leadLabels',
  api: 'v1',
  singular: 'Lead label',
  prices: { list: 10, create: 10, update: 10, delete: 6 },
  table: (company) => company.leadLabels,
  uuid: ({ uuid }) => uuid,
  listing: { unpaged: true },
  view: leadLabelView,
  missing: { error: 'Lead label not found', info: 'Object was not found.' },
  writing: {
    fields: change,
    required: [],
    references: {},
    create({ name, color }, caller) {
      if (name === undefined || color === undefined)
        throw v1Refusal(400, `${name === undefined ? 'name' : 'color'}: ${wording(caller.behaviour, 'required')}`)
      const { id, leadLabels: labels } = caller.company
      // The list returns a new one at once.
      return { ...newRow(caller), readable_from: caller.now, uuid: uuidOf('leadLabel', id, labels.lastId + 1), name, color }
    },
    change: (label, { name = label.name, color = label.color }) => ({ name, color }),
    alwaysTouches: true,
    deletedIsMissing: true,
    /** Leads lose a label that is deleted. */
    beforeDelete({ uuid }, { company: { leads } }) {
      for (const lead of leads.walk())
        if (lead.label_ids.includes(uuid)) leads.change(lead, { label_ids: lead.label_ids.filter((id) => id !== uuid) })
    },
  },
}

export const leadSourceRoutes: readonly Route[] = v1('GET', '/leadSources', 2, () => v1Answer(sources.map((name) => ({ name }))))
