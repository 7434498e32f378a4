import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import type { OperationContext } from '../define.ts'
import { VISIBILITY_NAMES, type VisibilityName } from '../inputs.ts'

/** The numbers of the two display names, by the set of numbers that the plan offers. Labels cannot be used: they are localized. */
const NUMBERS_BY_OFFER: Record<string, Record<VisibilityName, number>> = {
  '1,3': { 'Owner and followers': 1, 'Entire company': 3 },
  '1,3,5,7': { 'Owner and followers': 1, 'Entire company': 7 },
}

/** The number that Pipedrive takes for visible_to; the account decides which numbers the two names mean. */
export async function resolveVisibility(given: unknown, { referenceData }: OperationContext): Promise<number | undefined> {
  if (given === undefined || typeof given === 'number') return given
  const wanted = VISIBILITY_NAMES.find((name) => name === given)
  if (wanted === undefined) throw new RangeError('visible_to was not validated')
  const offered = await referenceData.visibleToOptions()
  const numbers = NUMBERS_BY_OFFER[offered.join()]
  if (numbers) return numbers[wanted]
  const message =
    offered.length === 0
      ? `"${wanted}" cannot be translated: Pipedrive lists no options for this field. Use the number 1, 3, 5 or 7 instead`
      : `"${wanted}" cannot be translated for this account. Use one of the numbers that Pipedrive offers: ${offered.join(', ')}`
  throw new InvalidInput([{ field: 'visible_to', message }])
}
