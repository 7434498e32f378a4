import { InvalidInput } from '../../../../kit/errors/invalid-input.ts'
import type { V2DealBody } from '../../../../pipedrive/api-types.ts'
import type { OperationContext } from '../../../define.ts'
import { resolveVisibility } from '../../../fields/resolve-visibility.ts'
import { dealBodyFields, writeBody } from '../../../body-fields.ts'
import { writeCustomFields } from '../../../custom-fields/write-custom-fields.ts'

/** A deal's states in the contract. API v2 cannot write `deleted`; that one becomes a DELETE. */
export const STATUSES = ['open', 'won', 'lost', 'deleted'] as const

/** The v2 body for a deal. Every error in the input is found here, before anything is written. */
export async function dealBody(fields: Record<string, unknown>, context: OperationContext): Promise<V2DealBody> {
  const { status, lost_reason, ...rest } = fields
  if (lost_reason !== undefined && status !== 'lost')
    context.warn('lost_reason was left out: Pipedrive keeps it only when status is "lost"')
  const [place, visibleTo, customFields] = await Promise.all([
    resolveStage(fields as { stage_id?: number; pipeline_id?: number }, context),
    resolveVisibility(fields['visible_to'], context),
    writeCustomFields('deal', fields['custom_fields'] as Record<string, unknown> | undefined, context),
  ])
  return writeBody<V2DealBody>(dealBodyFields, {
    ...rest,
    ...place,
    visible_to: visibleTo,
    custom_fields: customFields,
    status: status === 'deleted' ? undefined : status,
    lost_reason: status === 'lost' ? lost_reason : undefined,
  })
}

/** `stage_id` decides. `pipeline_id` only filters the drop-down; alone it means the first stage of that pipeline. */
export async function resolveStage(
  { stage_id, pipeline_id }: { stage_id?: number; pipeline_id?: number },
  { referenceData, warn }: OperationContext,
) {
  if (stage_id !== undefined) {
    const stage = await referenceData.stage(stage_id)
    if (!stage)
      throw new InvalidInput([
        { field: 'stage_id', message: `stage ${stage_id} does not exist in this Pipedrive account; choose another one, or look up its id` },
      ])
    if (pipeline_id !== undefined && pipeline_id !== stage.pipeline_id)
      warn(`pipeline_id ${pipeline_id} was ignored: stage ${stage_id} belongs to pipeline ${stage.pipeline_id}`)
    return { stage_id, pipeline_id: stage.pipeline_id }
  }
  if (pipeline_id === undefined) return {}
  // Stages are ordered by pipeline and position.
  const first = await referenceData.find('stage', (stages) => stages.find((stage) => stage.pipeline_id === pipeline_id))
  if (!first)
    throw new InvalidInput([
      { field: 'pipeline_id', message: `pipeline ${pipeline_id} does not exist in this Pipedrive account, or has no stage` },
    ])
  return { stage_id: first.id, pipeline_id }
}
