import * as z from 'zod'
import { notFound, one, page, validationFailed, wording } from '../http/answer.ts'
import { query, validate } from '../http/validation.ts'
import type { Caller } from '../state/caller.ts'
import type { Option } from '../state/company.ts'
import { visibilityOptions } from '../state/visibility.ts'
import type { Route } from './route.ts'

type Kind = readonly [code: string, name: string, type: string]

/** The deal fields that every company has. */
const standard: readonly Kind[] = [
  ['title', 'Title', 'varchar'],
  ['value', 'Value', 'monetary'],
  ['owner_id', 'Owner', 'user'],
  ['person_id', 'Contact person', 'people'],
  ['org_id', 'Organization', 'org'],
  ['pipeline_id', 'Pipeline', 'double'],
  ['stage_id', 'Stage', 'stage'],
  ['status', 'Status', 'status'],
  ['probability', 'Probability', 'int'],
  ['lost_reason', 'Lost reason', 'varchar_options'],
  ['expected_close_date', 'Expected close date', 'date'],
  ['label_ids', 'Labels', 'set'],
  ['visible_to', 'Visible to', 'visible_to'],
  ['add_time', 'Deal created', 'date'],
  ['update_time', 'Update time', 'date'],
]

/** Options carry ids and, in the language of the company, labels. */
function optionsOf(code: string, caller: Caller): Option[] | null {
  const { company } = caller
  if (code === 'label_ids') return company.dealLabels
  if (code !== 'visible_to') return null
  const ids = visibilityOptions(caller)
  return ids.length === 0 ? null : ids.map((id) => ({ id, label: company.plan.visibility[id] ?? `Level ${id}` }))
}

const subfieldsOf = (code: string, name: string, type: string) =>
  type === 'monetary'
    ? [
        { field_code: code === 'value' ? 'value' : `${code}_value`, field_name: `Amount of ${name}`, field_type: 'double' },
        { field_code: code === 'value' ? 'currency' : `${code}_currency`, field_name: `Currency of ${name}`, field_type: 'varchar' },
      ]
    : null

const extras: Readonly<Record<string, unknown>> = {
  ui_visibility: {
    add_visible_flag: true,
    details_visible_flag: true,
    projects_detail_visible_flag: false,
    show_in_pipelines: { show_in_all: true, pipeline_ids: [] },
  },
  important_fields: { enabled: false, stage_ids: [] },
  required_fields: { enabled: false, stage_ids: [], statuses: {} },
}

function show([code, name, type]: Kind, isCustom: boolean, named: readonly string[], caller: Caller): Record<string, unknown> {
  return {
    field_name: name,
    field_code: code,
    description: '',
    field_type: type,
    options: optionsOf(code, caller),
    subfields: subfieldsOf(code, name, type),
    is_custom_field: isCustom,
    is_optional_response_field: false,
    is_writable: !['add_time', 'update_time'].includes(code),
    ...Object.fromEntries(named.map((extra) => [extra, extras[extra]])),
  }
}

function allFields(named: readonly string[], caller: Caller): Record<string, unknown>[] {
  const custom = caller.company.dealCustomFields.map(({ code, name, type }): Kind => [code, name, type])
  return [...standard.map((kind) => show(kind, false, named, caller)), ...custom.map((kind) => show(kind, true, named, caller))]
}

const projection = { include_fields: query.someOf(['ui_visibility', 'important_fields', 'required_fields']).optional() }
const onField = z.strictObject(projection)
const onList = z.strictObject({ ...projection, limit: query.limit().optional(), cursor: query.text().optional() })

/** The cursor of this list is a plain offset: fields have no id to sort by. */
const offsetOf = (cursor: string): number => Number(Buffer.from(cursor, 'base64url').toString())

export const dealFieldRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/dealFields',
    tokens: 10,
    handle(call) {
      const { include_fields = [], limit = 100, cursor } = validate(onList, call.query, call.behaviour)
      const start = cursor === undefined ? 0 : offsetOf(cursor)
      if (!Number.isInteger(start)) throw validationFailed([{ field: 'cursor', text: wording(call.behaviour, 'badCursor') }])
      const fields = allFields(include_fields, call)
      const end = start + limit
      return page(fields.slice(start, end), end < fields.length ? Buffer.from(String(end)).toString('base64url') : null)
    },
  },
  {
    method: 'GET',
    path: '/api/v2/dealFields/:field_code',
    tokens: 1,
    handle(call) {
      const { include_fields = [] } = validate(onField, call.query, call.behaviour)
      const field = allFields(include_fields, call).find(({ field_code }) => field_code === call.params['field_code'])
      if (!field) throw notFound('Field')
      return one(field)
    },
  },
]
