import * as z from 'zod'
import { failure, type Problem, Refusal, validationFailed, wording } from '../http/answer.ts'
import { body } from '../http/validation.ts'
import { type Caller, newRow } from '../state/caller.ts'
import { widestVisibility } from '../state/company.ts'
import { withOwner } from '../state/followers.ts'
import { type Address, type AddressPart, addressParts, type CustomValues, type OrganizationRow, type PersonRow } from '../state/records.ts'
import { visibilityOptions } from '../state/visibility.ts'
import { labelProblems } from './references.ts'

const part = body.text().nullish()
/** Every part that is not given becomes null, in a change too. */
export const address = z
  .strictObject({
    value: body.text(),
    ...(Object.fromEntries(addressParts.map((name) => [name, part])) as Record<AddressPart, typeof part>),
  })
  .transform((given): Address => ({ ...given, ...Object.fromEntries(addressParts.map((name) => [name, given[name] ?? null])) }))

/** What persons and organizations have in common. */
export const sharedFields = {
  name: body.name(),
  owner_id: body.whole(),
  add_time: body.moment(),
  visible_to: body.whole(),
  label_ids: z.array(body.whole()),
  custom_fields: z.record(z.string(), z.unknown()),
}
/** A SharedBody is what bodies of persons and of organizations have in common. */
export type SharedBody = Partial<z.output<z.ZodObject<typeof sharedFields>>>

/** `add_time` can be given at creation only. */
export function checkContact(
  entity: 'person' | 'organization',
  given: SharedBody,
  caller: Caller,
  change: boolean,
  more: Problem[] = [],
): void {
  const problems: Problem[] = [...more, ...labelProblems(entity, given.label_ids, caller)]
  if (change && given.add_time !== undefined)
    problems.push({ field: 'add_time', text: "Parameter 'add_time' is not allowed for this request" })
  if (problems.length > 0) throw validationFailed(problems)
  if (given.visible_to !== undefined && !visibilityOptions(caller).includes(given.visible_to))
    throw new Refusal(failure(403, wording(caller.behaviour, 'visibilityNotOffered')))
}

/** What a new contact starts with, but for its name. */
export const newContact = (given: SharedBody, caller: Caller) => ({
  ...newRow(caller),
  ...(given.add_time !== undefined && { add_time: given.add_time }),
  owner_id: given.owner_id ?? caller.user.id,
  followers: withOwner([], given.owner_id ?? caller.user.id, caller),
  visible_to: given.visible_to ?? widestVisibility(caller.company),
  label_ids: given.label_ids ?? [],
  custom_fields: given.custom_fields ?? {},
})

/** The changes that persons and organizations have in common: the fields that are kept as they come, the custom ones, and who follows. */
export const sharedChanges = (
  given: SharedBody,
  before: PersonRow | OrganizationRow,
  caller: Caller,
): Pick<Partial<PersonRow>, SharedColumn> => ({
  ...(given.owner_id !== undefined && { owner_id: given.owner_id, followers: withOwner(before.followers, given.owner_id, caller) }),
  ...(given.visible_to !== undefined && { visible_to: given.visible_to }),
  ...(given.label_ids && { label_ids: given.label_ids }),
  ...(given.custom_fields && { custom_fields: { ...before.custom_fields, ...(given.custom_fields as CustomValues) } }),
})
type SharedColumn = 'owner_id' | 'followers' | 'visible_to' | 'label_ids' | 'custom_fields'
