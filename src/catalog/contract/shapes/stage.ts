import * as z from 'zod'
import { id } from './kinds.ts'

/** A StageResponse is one stage of a pipeline, as the contract shows it. */
export const StageResponse = z.object({ id: id(), name: z.string() }).meta({ id: 'StageResponse' })
export type StageResponse = z.infer<typeof StageResponse>
