import { DealbridgeError } from '../../../../kit/errors/dealbridge-error.ts'
import type { Pipedrive } from '../../../../pipedrive/pipedrive.ts'

/** Pipedrive does not document in which of these statuses it reports a deleted or archived deal. */
const REFUSALS = ['Rejected', 'Forbidden', 'NotFound', 'Conflict']

/**
 * The state of the deal that caused a rejected write: it may have been deleted or archived since it was read, or Pipedrive deletes no archived deals.
 * Throws the original error if it has another cause.
 */
export async function stateBehind(refusal: unknown, id: number, { deals }: Pipedrive): Promise<'deleted' | 'archived'> {
  // An error that names fields is about these fields.
  const mayBeState = refusal instanceof DealbridgeError && REFUSALS.includes(refusal.code) && refusal.details.length === 0
  const deal = mayBeState ? await deals.find(id).catch(() => undefined) : undefined
  if (deal?.is_deleted) return 'deleted'
  if (deal?.is_archived) return 'archived'
  throw refusal
}
