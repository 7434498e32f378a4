import type { V2Stage } from '../../../pipedrive/api-types.ts'
import { defineMapping, fieldRules } from '../../mapping.ts'
import type { StageResponse } from '../shapes/stage.ts'

const { field } = fieldRules<V2Stage>()

/** Where each field of StageResponse comes from. */
export const stageFields = defineMapping<V2Stage, StageResponse>()({
  id: field('id'),
  name: field('name'),
})
