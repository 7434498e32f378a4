import * as z from 'zod'
import type { RecordListQuery, ResultPage, UpstreamRow } from '../../../pipedrive/pipedrive.ts'
import { defineAction, type Action } from '../../define.ts'
import { boolean, choice, dateTime, id, idList, integer, string } from '../../inputs.ts'
import { fieldRules, type Mapping } from '../../mapping.ts'
import { defineShape } from '../../shape.ts'
import { toAnswer, toAnswers, styleInputs } from '../answer.ts'
import { parentInput, readRecord, recordIdInput, recordsOf, type CatalogObject, type FieldValues } from '../define-object.ts'
import { LIMIT_MAX, readPages, type RecordsPage } from '../list-page.ts'

const { derived } = fieldRules<{ rows: FieldValues[] } & Omit<RecordsPage, 'rows'>>()
/** Where the fields of a page come from. */
export const pageFields: Mapping<
  { rows: FieldValues[] } & Omit<RecordsPage, 'rows'>,
  { data: FieldValues[]; next_cursor: string | null; has_more: boolean }
> = {
  data: derived('pageRows', ({ rows }) => rows),
  next_cursor: derived('pageCursor', ({ next_cursor }) => next_cursor),
  has_more: derived('pageMore', ({ has_more }) => has_more),
}

const pages = new Map<string, z.ZodType>()
/** The shape of a page of these records. */
export function pageShape({ noun, shape }: CatalogObject): z.ZodType {
  const known = pages.get(noun)
  if (known) return known
  const page = defineShape(`${noun}Page`, z.object({ data: z.array(shape), next_cursor: z.string().nullable(), has_more: z.boolean() }))
  pages.set(noun, page)
  return page
}

export const pageInputs = {
  limit: integer(1, LIMIT_MAX).optional(),
  cursor: string().meta({ visibility: 'advanced' }).optional(),
}

export function getAction(object: CatalogObject): Action {
  const { noun, path, name, shape, mapping } = object
  return defineAction({
    id: `${noun}Get`,
    method: 'GET',
    path: `${path}/{id}`,
    effect: 'read',
    rank: 'normal',
    set: object.set,
    derivedFrom: { object: name, verb: 'get' },
    input: z.object({ ...parentInput(object), id: recordIdInput(object), ...styleInputs(object) }),
    output: shape,
    fields: mapping,
    async run({ id: recordId, ...input }, context) {
      return toAnswer(object, await readRecord(object, recordId, context, input), context, input)
    },
  })
}

/** The filters that Pipedrive's list of these records takes. */
function filterInputs({ fields, list = {} }: CatalogObject) {
  const byField = Object.entries(fields).flatMap(([field, { filter, input }]) =>
    filter && input ? [[field, input.optional()] as const] : [],
  )
  return {
    ...Object.fromEntries(byField),
    ...(list.filterId && { filter_id: id().meta({ visibility: 'advanced' }).optional() }),
    ...(list.ids && { ids: idList().meta({ visibility: 'advanced' }).optional() }),
    ...(list.updated && { updated_since: dateTime().optional() }),
    ...(list.updated === 'both' && { updated_until: dateTime().meta({ visibility: 'advanced' }).optional() }),
    ...(list.sortBy && {
      sort_by: choice(list.sortBy).meta({ visibility: 'advanced' }).optional(),
      sort_direction: choice(['asc', 'desc']).meta({ visibility: 'advanced' }).optional(),
    }),
  }
}

export function listAction(object: CatalogObject): Action {
  const { noun, path, plural, name, includes, parent } = object
  return defineAction({
    id: `${noun}List`,
    method: 'GET',
    path,
    effect: 'read',
    rank: 'normal',
    set: object.set,
    derivedFrom: { object: name, verb: 'list' },
    input: z.object({ ...parentInput(object), ...filterInputs(object), ...pageInputs, ...styleInputs(object) }),
    output: pageShape(object),
    fields: pageFields,
    async run({ limit, cursor, custom_fields_by, nulls, ...input }, context) {
      const records = recordsOf(object, context, input)
      const filters = Object.fromEntries(Object.entries(input).filter(([key]) => key !== parent?.key))
      const query = { ...queryOf(filters), include_fields: includes }
      const page = await readPages(plural, records.list, { limit, cursor, query }, context)
      return context.fill(pageFields, { ...page, rows: await toAnswers(object, page.rows, context, { custom_fields_by, nulls }) })
    },
  })
}

/** Checked inputs are texts, numbers, booleans and lists of numbers. */
const queryOf = (filters: FieldValues): RecordListQuery =>
  Object.fromEntries(
    Object.entries(filters).map(([name, value]) => {
      if (Array.isArray(value)) return [name, value.filter((one) => typeof one === 'number')]
      if (typeof value === 'boolean') return [name, String(value)]
      return [name, typeof value === 'string' || typeof value === 'number' ? value : undefined]
    }),
  )

export function searchAction(object: CatalogObject): Action {
  const { noun, plural, name, includes, search = [] } = object
  return defineAction({
    id: `${noun}Search`,
    method: 'GET',
    path: `/v2/search/${plural}`,
    effect: 'read',
    rank: 'normal',
    set: object.set,
    derivedFrom: { object: name, verb: 'search' },
    input: z.object({
      term: string(),
      fields: choice(search).optional(),
      exact_match: boolean().optional(),
      limit: integer(1, 100).optional(),
      cursor: string().meta({ visibility: 'advanced' }).optional(),
      ...styleInputs(object),
    }),
    output: pageShape(object),
    fields: pageFields,
    async run({ term, fields, exact_match, limit, cursor, ...style }, context) {
      const records = context.pipedrive.records(name)
      const found = async (query: Parameters<typeof records.search>[0]): Promise<ResultPage<UpstreamRow>> => {
        const { rows, nextCursor } = await records.search(query)
        const byId = await records.getMany(
          rows.map(({ id: recordId }) => recordId),
          { include_fields: includes },
        )
        // In the order of the search: the best match first.
        return { rows: rows.flatMap(({ id: recordId }) => byId.get(recordId) ?? []), nextCursor }
      }
      const query = { term, fields, exact_match: exact_match === undefined ? undefined : String(exact_match) }
      const page = await readPages(`search/${plural}`, found, { limit: limit ?? 20, cursor, query }, context)
      return context.fill(pageFields, { ...page, rows: await toAnswers(object, page.rows, context, style) })
    },
  })
}
