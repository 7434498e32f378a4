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
/** A missing part becomes null, also in a PATCH. */
export const address = z
  .strictObject({
    value: body.text(),
    ...(Object.fromEntries(addressParts.map((name) => [name, part])) as Record<AddressPart, typeof part>),
  })
  .transform((input): Address => ({ ...input, ...Object.fromEntries(addressParts.map((name) => [name, input[name] ?? null])) }))

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
  input: SharedBody,
  caller: Caller,
  change: boolean,
  more: Problem[] = [],
): void {
  const problems: Problem[] = [...more, ...labelProblems(entity, input.label_ids, caller)]
  if (change && input.add_time !== undefined)
    problems.push({ field: 'add_time', text: "Parameter 'add_time' is not allowed for this request" })
  if (problems.length > 0) throw validationFailed(problems)
  if (input.visible_to !== undefined && !visibilityOptions(caller).includes(input.visible_to))
    throw new Refusal(failure(403, wording(caller.behaviour, 'visibilityNotOffered')))
}

/** The shared columns of a new contact, except its name. */
export const newContact = (input: SharedBody, caller: Caller) => ({
  ...newRow(caller),
  ...(input.add_time !== undefined && { add_time: input.add_time }),
  owner_id: input.owner_id ?? caller.user.id,
  followers: withOwner([], input.owner_id ?? caller.user.id, caller),
  visible_to: input.visible_to ?? widestVisibility(caller.company),
  label_ids: input.label_ids ?? [],
  custom_fields: input.custom_fields ?? {},
})

/** The changes that persons and organizations have in common: plain fields, custom fields and followers. */
export const sharedChanges = (
  input: SharedBody,
  before: PersonRow | OrganizationRow,
  caller: Caller,
): Pick<Partial<PersonRow>, SharedColumn> => ({
  ...(input.owner_id !== undefined && { owner_id: input.owner_id, followers: withOwner(before.followers, input.owner_id, caller) }),
  ...(input.visible_to !== undefined && { visible_to: input.visible_to }),
  ...(input.label_ids && { label_ids: input.label_ids }),
  ...(input.custom_fields && { custom_fields: { ...before.custom_fields, ...(input.custom_fields as CustomValues) } }),
})
type SharedColumn = 'owner_id' | 'followers' | 'visible_to' | 'label_ids' | 'custom_fields'
