import * as z from 'zod'
import { defineShape } from '../../shape.ts'
import { id } from './kinds.ts'

/** A StageResponse is one stage of a pipeline, as the contract shows it. */
export const StageResponse = defineShape('StageResponse', z.object({ id: id(), name: z.string() }))
export type StageResponse = z.infer<typeof StageResponse>
