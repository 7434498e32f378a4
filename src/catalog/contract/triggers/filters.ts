import * as z from 'zod'
import { id, idText, string } from '../../inputs.ts'

/** What triggers of deals can be narrowed to. */
export const dealFilters = z.object({
  pipeline_id: idText({ choices: 'ListPipelines' }).optional(),
  stage_id: idText({ choices: 'ListStages' }).optional(),
  owner_id: id({ choices: 'ListUsers' }).optional(),
})

/** What triggers of activities can be narrowed to. */
export const activityFilters = z.object({
  owner_id: id({ choices: 'ListUsers' }).optional(),
  type: string({ choices: 'ListActivityTypes' }).optional(),
})
