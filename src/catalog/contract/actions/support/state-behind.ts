import { DealbridgeError } from '../../../../kit/errors/dealbridge-error.ts'
import type { Pipedrive } from '../../../../pipedrive/pipedrive.ts'

/** In which of these Pipedrive tells that a deal is deleted or archived is not documented. */
const REFUSALS = ['Rejected', 'Forbidden', 'NotFound', 'Conflict']

/**
 * Which state of the deal is behind a refused write: it may have been deleted or archived since it was read, or Pipedrive deletes no archived deals.
 * Throws the refusal when it is about something else.
 */
export async function stateBehind(refusal: unknown, id: number, { deals }: Pipedrive): Promise<'deleted' | 'archived'> {
  // A refusal that names fields is about these.
  const mayBeState = refusal instanceof DealbridgeError && REFUSALS.includes(refusal.code) && refusal.details.length === 0
  const deal = mayBeState ? await deals.find(id).catch(() => undefined) : undefined
  if (deal?.is_deleted) return 'deleted'
  if (deal?.is_archived) return 'archived'
  throw refusal
}
