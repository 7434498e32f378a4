import * as z from 'zod'
import { defineShape } from '../../shape.ts'
import { id } from './kinds.ts'
import { StageResponse } from './stage.ts'

/** The responses of the drop-downs' look-ups: the only ones that keep Pipedrive's `data` wrapper. */
const named = () => z.array(z.object({ id: id(), name: z.string() }))

export const ListDealsResponse = defineShape('ListDealsResponse', z.object({ data: z.array(z.object({ id: id(), title: z.string() })) }))
export type ListDealsResponse = z.infer<typeof ListDealsResponse>

export const ListPipelinesResponse = defineShape('ListPipelinesResponse', z.object({ data: named() }))
export type ListPipelinesResponse = z.infer<typeof ListPipelinesResponse>

export const ListStagesResponse = defineShape('ListStagesResponse', z.object({ data: z.array(StageResponse) }))
export type ListStagesResponse = z.infer<typeof ListStagesResponse>

export const ListPersonsResponse = defineShape('ListPersonsResponse', z.object({ data: named() }))
export type ListPersonsResponse = z.infer<typeof ListPersonsResponse>

export const ListUsersResponse = defineShape('ListUsersResponse', z.object({ data: named() }))
export type ListUsersResponse = z.infer<typeof ListUsersResponse>

export const ListOrganizationsResponse = defineShape('ListOrganizationsResponse', z.object({ data: named() }))
export type ListOrganizationsResponse = z.infer<typeof ListOrganizationsResponse>

export const ListActivityTypesResponse = defineShape(
  'ListActivityTypesResponse',
  z.object({ success: z.boolean(), data: z.array(z.object({ id: id(), name: z.string(), key_string: z.string() })) }),
)
export type ListActivityTypesResponse = z.infer<typeof ListActivityTypesResponse>

export const ListCurrenciesResponse = defineShape(
  'ListCurrenciesResponse',
  z.object({ data: z.array(z.object({ code: z.string(), name: z.string() })) }),
)
export type ListCurrenciesResponse = z.infer<typeof ListCurrenciesResponse>
