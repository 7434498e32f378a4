import * as z from 'zod'
import { defineAction } from '../../define.ts'
import { id } from '../../inputs.ts'
import { stageFields } from '../mappings/stage.ts'
import { StageResponse } from '../shapes/stage.ts'

export const getStage = defineAction({
  id: 'GetStage',
  method: 'GET',
  set: 'deals',
  path: '/v1/stages/{stageId}',
  effect: 'read',
  input: z.object({ stageId: id() }),
  output: StageResponse,
  fields: stageFields,
  async run({ stageId }, { pipedrive, fill }) {
    return fill(stageFields, await pipedrive.stages.get(stageId))
  },
})
