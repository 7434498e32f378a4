import * as z from 'zod'
import { id, idText, string } from '../../inputs.ts'

/** The filters of deal triggers. */
export const dealFilters = z.object({
  pipeline_id: idText({ choices: 'ListPipelines' }).optional(),
  stage_id: idText({ choices: 'ListStages' }).optional(),
  owner_id: id({ choices: 'ListUsers' }).optional(),
})

/** The filters of activity triggers. */
export const activityFilters = z.object({
  owner_id: id({ choices: 'ListUsers' }).optional(),
  type: string({ choices: 'ListActivityTypes' }).optional(),
})
