import * as z from 'zod'
import { defineLookup } from '../define.ts'
import { idText } from '../inputs.ts'
import {
  ListActivityTypesResponse,
  ListCurrenciesResponse,
  ListDealsResponse,
  ListOrganizationsResponse,
  ListPersonsResponse,
  ListPipelinesResponse,
  ListStagesResponse,
} from '../shapes/lists.ts'

/** The look-ups behind the drop-downs. One upstream call each; of what can be many, the 500 most recently changed. */
const recent = { sort_by: 'update_time', sort_direction: 'desc', limit: 500 } as const
const fresh = { fresh: true } as const
const none = z.object({})

export const listDeals = defineLookup({
  id: 'ListDeals',
  path: '/v1/deals',
  input: none,
  output: ListDealsResponse,
  run: async (_, { pipedrive }) => ({ data: (await pipedrive.deals.list(recent)).rows.map(({ id, title }) => ({ id, title })) }),
})

export const listPipelines = defineLookup({
  id: 'ListPipelines',
  path: '/v1/pipelines',
  input: none,
  output: ListPipelinesResponse,
  run: async (_, { names }) => ({
    data: (await names.pipelines(fresh)).filter((p) => !p.is_deleted).map(({ id, name }) => ({ id, name })),
  }),
})

export const listStages = defineLookup({
  id: 'ListStages',
  path: '/v1/stages',
  input: z.object({ pipeline_id: idText().optional() }),
  output: ListStagesResponse,
  async run({ pipeline_id }, { names }) {
    const stages = (await names.stages(fresh)).filter((s) => !s.is_deleted && (pipeline_id === undefined || s.pipeline_id === pipeline_id))
    return { data: stages.map(({ id, name }) => ({ id, name })) }
  },
})

export const listPersons = defineLookup({
  id: 'ListPersons',
  path: '/v1/persons',
  input: none,
  output: ListPersonsResponse,
  run: async (_, { pipedrive }) => ({ data: (await pipedrive.persons.list(recent)).rows.map(({ id, name }) => ({ id, name })) }),
})

export const listOrganizations = defineLookup({
  id: 'ListOrganizations',
  path: '/v1/organizations',
  input: none,
  output: ListOrganizationsResponse,
  run: async (_, { pipedrive }) => ({ data: (await pipedrive.organizations.list(recent)).rows.map(({ id, name }) => ({ id, name })) }),
})

export const listActivityTypes = defineLookup({
  id: 'ListActivityTypes',
  path: '/v1/activityTypes',
  input: none,
  output: ListActivityTypesResponse,
  async run(_, { names }) {
    const types = (await names.activityTypes(fresh)).filter((type) => type.active_flag)
    return { success: true, data: types.map(({ id, name, key_string }) => ({ id, name, key_string })) }
  },
})

export const listCurrencies = defineLookup({
  id: 'ListCurrencies',
  path: '/v1/currencies',
  input: none,
  output: ListCurrenciesResponse,
  run: async (_, { names }) => ({
    data: (await names.currencies(fresh)).filter((c) => c.active_flag).map(({ code, name }) => ({ code, name })),
  }),
})
