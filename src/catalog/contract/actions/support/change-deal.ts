import type { V2DealWithIncluded } from '../../../../pipedrive/api-types.ts'
import type { OperationContext } from '../../../define.ts'
import { includeFields, type Mapping } from '../../../mapping.ts'
import { dealBody } from './deal-body.ts'
import { DealNotChangeable } from './deal-errors.ts'
import { stateBehind } from './state-behind.ts'

/**
 * Changes a deal and returns it. The one GET that the response needs (PATCH returns no counts) comes first: it also shows whether the deal
 * can be changed at all, and no call that could fail follows the write.
 */
export async function changeDeal<C>(
  id: number,
  changes: Record<string, unknown>,
  context: OperationContext,
  fields: Mapping<V2DealWithIncluded, C>,
): Promise<C> {
  const { pipedrive, fill } = context
  const body = await dealBody(changes, context)
  const before = await pipedrive.deals.find(id, includeFields(fields))
  if (before.is_deleted) throw new DealNotChangeable(id, 'deleted')
  if (before.is_archived && body.is_archived !== false) throw new DealNotChangeable(id, 'archived')
  // The first stage applies to a deal that comes from another pipeline; a deal of this pipeline keeps its stage.
  if (changes['stage_id'] === undefined && body.pipeline_id === before.pipeline_id) delete body.stage_id
  const after = await pipedrive.deals.update(id, body).catch(async (refusal: unknown) => {
    throw new DealNotChangeable(id, await stateBehind(refusal, id, pipedrive))
  })
  return fill(fields, { ...before, ...after })
}
