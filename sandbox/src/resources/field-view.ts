import type { Caller } from '../state/caller.ts'
import { type FieldEntity, type FieldOption, type FieldRow, liveOptions } from '../state/fields.ts'
import { addressParts } from '../state/records.ts'
import { visibilityOptions } from '../state/visibility.ts'
import type { Body } from './resource.ts'

/** The settings that include_fields can add to a definition. */
export const fieldExtras = ['ui_visibility', 'important_fields', 'required_fields'] as const
export type FieldExtra = (typeof fieldExtras)[number]

/** Products and activities have no stages: they offer only ui_visibility. */
export const extrasOf = (entity: FieldEntity): readonly FieldExtra[] =>
  entity === 'product' || entity === 'activity' ? ['ui_visibility'] : fieldExtras

const DESCRIBED: readonly FieldEntity[] = ['deal', 'person', 'activity']

type Subfield = readonly [code: string, name: string, type: string]
const zone: readonly Subfield[] = [
  ['timezone_id', 'Time zone ID', 'int'],
  ['timezone_name', 'Time zone', 'varchar'],
]
const subfields: Readonly<Record<string, (code: string) => readonly Subfield[]>> = {
  monetary: () => [
    ['value', 'Amount', 'double'],
    ['currency', 'Currency', 'varchar'],
  ],
  daterange: () => [
    ['value', 'Start', 'date'],
    ['until', 'End', 'date'],
  ],
  time: () => [['value', 'Time', 'time'], ...zone],
  timerange: () => [['value', 'Start', 'time'], ['until', 'End', 'time'], ...zone],
  address: () => [['value', 'Full text', 'varchar'], ...addressParts.map((part): Subfield => [part, part.replaceAll('_', ' '), 'varchar'])],
}

function subfieldsOf({ code, name, type, entity }: FieldRow): Body[] | null {
  // Activities store due times as plain texts, without a zone.
  if (entity === 'activity' && type === 'time') return null
  const parts = subfields[type]?.(code)
  return parts?.map(([field_code, part, field_type]) => ({ field_code, field_name: `${part} of ${name}`, field_type })) ?? null
}

/** The levels that the plan offers, in the language of the company. */
function visibilityLevels(caller: Caller): FieldOption[] | null {
  const { visibility } = caller.company.plan
  const ids = visibilityOptions(caller)
  return ids.length === 0 ? null : ids.map((id) => ({ id, label: visibility[id] ?? `Level ${id}` }))
}

/** Organizations also name the pages that show a field. That these are only their own is an assumption. */
function visibilityOf({ entity, ui_visibility }: FieldRow): Body {
  if (entity !== 'organization') return ui_visibility
  const pages = { person_detail_visible_flag: false, deal_detail_visible_flag: false }
  return { ...ui_visibility, org_detail_visible_flag: ui_visibility['details_visible_flag'], ...pages }
}

export function showField(field: FieldRow, extras: readonly FieldExtra[], caller: Caller): Body {
  return {
    field_name: field.name,
    field_code: field.code,
    ...(DESCRIBED.includes(field.entity) && { description: field.description }),
    field_type: field.type,
    options: field.type === 'visible_to' ? visibilityLevels(caller) : field.options && liveOptions(field),
    subfields: subfieldsOf(field),
    is_custom_field: field.is_custom,
    is_optional_response_field: field.is_optional,
    is_writable: field.is_writable,
    ...Object.fromEntries(extras.map((extra) => [extra, extra === 'ui_visibility' ? visibilityOf(field) : field[extra]])),
  }
}
