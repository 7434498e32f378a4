import type { V2DealWithIncluded } from '../../../pipedrive/wire.ts'
import type { Context } from '../../define.ts'
import { includeFields, type Mapping } from '../../mapping.ts'
import { dealBody } from './deal-body.ts'
import { DealNotChangeable } from './deal-errors.ts'

/**
 * Changes a deal and answers it. The one GET that the answer needs (PATCH tells no counts) comes first: it also tells whether the deal
 * can be changed at all, and after the write nothing is left that can fail.
 */
export async function changeDeal<C>(
  id: number,
  changes: Record<string, unknown>,
  context: Context,
  fields: Mapping<V2DealWithIncluded, C>,
): Promise<C> {
  const [body, before] = await Promise.all([dealBody(changes, context), context.pipedrive.deals.find(id, includeFields(fields))])
  if (before.is_deleted) throw new DealNotChangeable(id, 'deleted')
  if (before.is_archived && body.is_archived !== false) throw new DealNotChangeable(id, 'archived')
  const after = await context.pipedrive.deals.update(id, body)
  return context.fill(fields, { ...before, ...after })
}
