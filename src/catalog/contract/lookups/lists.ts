import * as z from 'zod'
import { isObject } from '../../../kit/is-object.ts'
import type { V2Person } from '../../../pipedrive/api-types.ts'
import { defineLookup, type OperationContext } from '../../define.ts'
import { idText } from '../../inputs.ts'
import {
  ListActivityTypesResponse,
  ListCurrenciesResponse,
  ListDealsResponse,
  ListOrganizationsResponse,
  ListPersonsResponse,
  ListPipelinesResponse,
  ListStagesResponse,
  ListUsersResponse,
} from '../shapes/lists.ts'
import { uniqueTitles, withHint, type ListRecord } from './titles.ts'

/** The look-ups of the drop-downs. One upstream call for each list; of long lists, the 500 most recently changed records. */
const recent = { sort_by: 'update_time', sort_direction: 'desc', limit: 500 } as const
const fresh = { fresh: true } as const
const none = z.object({})
/** Pipedrive rejects more ids in one list. */
const IDS_MAX = 100

/** Rows that are shown by their name, each under a unique one. */
const named = (rows: readonly (ListRecord & { id: number })[]) => uniqueTitles(rows).map(({ id, title }) => ({ id, name: title }))

export const listDeals = defineLookup({
  id: 'ListDeals',
  path: '/v1/deals',
  input: none,
  output: ListDealsResponse,
  fields: { 'data.id': { field: 'id' }, 'data.title': { note: 'titleWithId' } },
  run: async (_, { pipedrive }) => ({
    data: uniqueTitles((await pipedrive.deals.list(recent)).rows.map(({ id, title }) => ({ id, title: withHint(title, `#${id}`) }))),
  }),
})

export const listPipelines = defineLookup({
  id: 'ListPipelines',
  path: '/v1/pipelines',
  testsConnection: true,
  input: none,
  output: ListPipelinesResponse,
  fields: { 'data.id': { field: 'id' }, 'data.name': { note: 'uniqueName' } },
  run: async (_, { referenceData }) => ({
    data: named((await referenceData.pipelines(fresh)).map(({ id, name }) => ({ id, title: name }))),
  }),
})

export const listStages = defineLookup({
  id: 'ListStages',
  path: '/v1/stages',
  input: z.object({ pipeline_id: idText().optional() }),
  output: ListStagesResponse,
  fields: { data: { note: 'stagesWithPipeline' } },
  async run({ pipeline_id }, { referenceData, optional }) {
    const stages = await referenceData.stages(fresh)
    if (pipeline_id !== undefined)
      return { data: named(stages.filter((s) => s.pipeline_id === pipeline_id).map(({ id, name }) => ({ id, title: name }))) }
    const ids = [...new Set(stages.map((stage) => stage.pipeline_id))]
    const pipelines = await optional('pipeline', pipelineNames(ids, referenceData), new Map<number, string>())
    return { data: named(stages.map(({ id, name, pipeline_id: of }) => ({ id, title: withHint(name, pipelines.get(of)) }))) }
  },
})

/** Pipelines seldom change and are cached: only an unknown one is requested. */
async function pipelineNames(ids: readonly number[], { find, pipelines }: OperationContext['referenceData']): Promise<Map<number, string>> {
  const rows = await find('pipeline', (all) => (ids.every((id) => all.some((p) => p.id === id)) ? all : undefined))
  return new Map((rows ?? (await pipelines())).map(({ id, name }) => [id, name]))
}

export const listPersons = defineLookup({
  id: 'ListPersons',
  path: '/v1/persons',
  input: none,
  output: ListPersonsResponse,
  fields: { 'data.id': { field: 'id' }, 'data.name': { note: 'personWithContact' } },
  async run(_, { pipedrive, optional }) {
    const { rows } = await pipedrive.persons.list(recent)
    const organizations = await optional('organization', organizationNames(rows, pipedrive), new Map<number, string>())
    const hint = (person: V2Person) => emailOf(person) ?? (person.org_id === null ? undefined : organizations.get(person.org_id))
    return { data: named(rows.map((person) => ({ id: person.id, title: withHint(person.name, hint(person)) }))) }
  },
})

/** Pipedrive's types are checked only down to the list itself. */
const emailOf = (person: V2Person): string | undefined => {
  const emails = (person.emails ?? []).filter((email: unknown) => isObject(email) && typeof email['value'] === 'string')
  return (emails.find((email) => email.primary) ?? emails[0])?.value || undefined
}

/** Only for contacts without an e-mail address, and in one call. */
async function organizationNames(
  persons: readonly V2Person[],
  { organizations }: OperationContext['pipedrive'],
): Promise<Map<number, string>> {
  const ids = new Set(persons.flatMap((person) => (person.org_id === null || emailOf(person) ? [] : [person.org_id])))
  if (ids.size === 0) return new Map()
  const wanted = [...ids].slice(0, IDS_MAX)
  const found = await organizations.list({ ids: wanted, limit: wanted.length })
  return new Map(found.rows.map(({ id, name }) => [id, name]))
}

export const listOrganizations = defineLookup({
  id: 'ListOrganizations',
  path: '/v1/organizations',
  input: none,
  output: ListOrganizationsResponse,
  fields: { 'data.id': { field: 'id' }, 'data.name': { note: 'uniqueName' } },
  run: async (_, { pipedrive }) => ({
    data: named((await pipedrive.organizations.list(recent)).rows.map(({ id, name }) => ({ id, title: name }))),
  }),
})

export const listUsers = defineLookup({
  id: 'ListUsers',
  path: '/v1/users',
  input: none,
  output: ListUsersResponse,
  fields: { 'data.id': { field: 'id', api: 'v1' }, 'data.name': { note: 'activeUserWithEmail' } },
  async run(_, { referenceData }) {
    const users = (await referenceData.users(fresh)).filter((user) => user.active_flag)
    return { data: named(users.map(({ id, name, email }) => ({ id, title: withHint(name, email) }))) }
  },
})

export const listActivityTypes = defineLookup({
  id: 'ListActivityTypes',
  path: '/v1/activityTypes',
  input: none,
  output: ListActivityTypesResponse,
  fields: {
    success: { note: 'alwaysTrue' },
    'data.id': { field: 'id', api: 'v1' },
    'data.name': { note: 'uniqueNameV1' },
    'data.key_string': { field: 'key_string', api: 'v1' },
  },
  async run(_, { referenceData }) {
    const types = (await referenceData.activityTypes(fresh)).flatMap(({ id, active_flag, key_string: key, name }) =>
      active_flag && key ? [{ id, key, name }] : [],
    )
    const keys = new Map(types.map(({ id, key }) => [key, id]))
    const titled = uniqueTitles(types.map(({ name, key }) => ({ id: key, title: name })))
    return { success: true, data: titled.map(({ id, title }) => ({ id: keys.get(id)!, name: title, key_string: id })) }
  },
})

export const listCurrencies = defineLookup({
  id: 'ListCurrencies',
  path: '/v1/currencies',
  input: none,
  output: ListCurrenciesResponse,
  fields: { 'data.code': { field: 'code', api: 'v1' }, 'data.name': { note: 'nameWithCode' } },
  async run(_, { referenceData }) {
    const titled = uniqueTitles(
      (await referenceData.currencies(fresh)).flatMap(({ code, name, active_flag }) =>
        active_flag && code ? [{ id: code, title: withHint(name, code) }] : [],
      ),
    )
    return { data: titled.map(({ id, title }) => ({ code: id, name: title })) }
  },
})
