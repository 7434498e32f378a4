import * as z from 'zod'
import { id } from './kinds.ts'
import { StageResponse } from './stage.ts'

/** The answers behind drop-downs: the only ones that keep Pipedrive's `data` around them. */
const named = () => z.array(z.object({ id: id(), name: z.string() }))

export const ListDealsResponse = z.object({ data: z.array(z.object({ id: id(), title: z.string() })) }).meta({ id: 'ListDealsResponse' })
export type ListDealsResponse = z.infer<typeof ListDealsResponse>

export const ListPipelinesResponse = z.object({ data: named() }).meta({ id: 'ListPipelinesResponse' })
export type ListPipelinesResponse = z.infer<typeof ListPipelinesResponse>

export const ListStagesResponse = z.object({ data: z.array(StageResponse) }).meta({ id: 'ListStagesResponse' })
export type ListStagesResponse = z.infer<typeof ListStagesResponse>

export const ListPersonsResponse = z.object({ data: named() }).meta({ id: 'ListPersonsResponse' })
export type ListPersonsResponse = z.infer<typeof ListPersonsResponse>

export const ListUsersResponse = z.object({ data: named() }).meta({ id: 'ListUsersResponse' })
export type ListUsersResponse = z.infer<typeof ListUsersResponse>

export const ListOrganizationsResponse = z.object({ data: named() }).meta({ id: 'ListOrganizationsResponse' })
export type ListOrganizationsResponse = z.infer<typeof ListOrganizationsResponse>

export const ListActivityTypesResponse = z
  .object({ success: z.boolean(), data: z.array(z.object({ id: id(), name: z.string(), key_string: z.string() })) })
  .meta({ id: 'ListActivityTypesResponse' })
export type ListActivityTypesResponse = z.infer<typeof ListActivityTypesResponse>

export const ListCurrenciesResponse = z
  .object({ data: z.array(z.object({ code: z.string(), name: z.string() })) })
  .meta({ id: 'ListCurrenciesResponse' })
export type ListCurrenciesResponse = z.infer<typeof ListCurrenciesResponse>
