import type * as z from 'zod'
import { validationFailed, wording } from '../http/answer.ts'
import { query } from '../http/validation.ts'
import type { Caller } from '../state/caller.ts'
import { type FieldEntity, labelsOf } from '../state/fields.ts'
import type { CustomValues, Row } from '../state/records.ts'
import { withOptionLabels } from './custom-values.ts'
import type { Body, Resource } from './resource.ts'

const MOST_CUSTOM_FIELDS_NAMED = 15

/** The function that renders a record in its API version. */
export function writerOf<R extends Row, B extends z.ZodObject, P extends Row | undefined>({ api = 'v2', view, path }: Resource<R, B, P>) {
  const write = view[api]
  if (!write) throw new Error(`${path} has no view for ${api}`)
  return write
}

/** The parameters that select the fields of each record. */
export function projection<R extends Row, B extends z.ZodObject, P extends Row | undefined>({
  includes = {},
  entity,
  listing,
}: Resource<R, B, P>): z.ZodRawShape {
  return {
    ...(Object.keys(includes).length > 0 && { include_fields: query.list() }),
    ...(entity && { custom_fields: query.list() }),
    ...(entity && listing.optionLabels !== false && { include_option_labels: query.flag(), include_labels: query.flag() }),
  }
}

const labelsOn = (ids: readonly number[], entity: FieldEntity, { company }: Caller): Body[] =>
  labelsOf(company, entity).flatMap(({ id, label }) => (ids.includes(id as number) ? [{ id, label }] : []))

/** The function that renders records for this call. Refuses unknown fields before any row is read. */
export function viewerOf<R extends Row, B extends z.ZodObject, P extends Row | undefined>(
  resource: Resource<R, B, P>,
  parameters: Body,
  caller: Caller,
) {
  const { includes = {}, entity } = resource
  const show = writerOf(resource)
  const named = (parameters['include_fields'] ?? []) as string[]
  const unknown = named.filter((name) => !Object.hasOwn(includes, name))
  const only = parameters['custom_fields'] as string[] | undefined
  if (unknown.length > 0)
    throw validationFailed(unknown.map((name) => ({ field: 'include_fields', text: wording(caller.behaviour, 'unknownInclude', name) })))
  if (only && only.length > MOST_CUSTOM_FIELDS_NAMED)
    throw validationFailed([{ field: 'custom_fields', text: wording(caller.behaviour, 'tooManyCustomFields') }])
  return (row: R): Body => {
    const shown = show(row, caller)
    const values = shown['custom_fields'] as CustomValues | null | undefined
    if (entity && values) {
      const selected = only ? Object.fromEntries(Object.entries(values).filter(([code]) => only.includes(code))) : values
      shown['custom_fields'] = parameters['include_option_labels'] === true ? withOptionLabels(entity, selected, caller) : selected
    }
    if (entity && parameters['include_labels'] === true) shown['labels'] = labelsOn(shown['label_ids'] as number[], entity, caller)
    for (const name of named) shown[name] = includes[name]!(row, caller)
    return shown
  }
}
