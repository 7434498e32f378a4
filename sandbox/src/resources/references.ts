import { type Problem, wording } from '../http/answer.ts'
import { type Caller, isRetained } from '../state/caller.ts'
import { type FieldEntity, labelsOf } from '../state/fields.ts'
import type { Row } from '../state/records.ts'
import { canSee } from '../state/visibility.ts'
import type { Reference } from './resource.ts'

const alive = (row: Row | undefined, caller: Caller): boolean => row !== undefined && !row.is_deleted && isRetained(row, caller)

/** Whether the caller may refer to the record. */
const exists: Record<Reference, (id: number, caller: Caller) => boolean> = {
  User: (id, { company }) => company.users.get(id)?.active_flag === true,
  Stage: (id, caller) => alive(caller.company.stages.get(id), caller),
  Pipeline: (id, caller) => alive(caller.company.pipelines.get(id), caller),
  Person: (id, caller) => {
    const person = caller.company.persons.get(id)
    return person !== undefined && alive(person, caller) && canSee(person, caller)
  },
  Organization: (id, caller) => {
    const organization = caller.company.organizations.get(id)
    return organization !== undefined && alive(organization, caller) && canSee(organization, caller)
  },
  Product: (id, caller) => {
    const product = caller.company.products.get(id)
    return product !== undefined && alive(product, caller) && canSee(product, caller)
  },
  Deal: (id, caller) => {
    const deal = caller.company.deals.get(id)
    return deal !== undefined && alive(deal, caller) && canSee(deal, caller)
  },
}

/** The problem of unknown labels, if any. */
export function labelProblems(entity: FieldEntity, ids: readonly number[] | undefined, { company, behaviour }: Caller): Problem[] {
  const known = ids && labelsOf(company, entity)
  return ids?.every((id) => known!.some((label) => label.id === id)) === false
    ? [{ field: 'label_ids', text: wording(behaviour, 'unknownLabel') }]
    : []
}

/** The problem of a reference to a missing record, if any. */
export const referenceProblem = (field: string, kind: Reference, id: unknown, caller: Caller): Problem[] =>
  typeof id !== 'number' || exists[kind](id, caller) ? [] : [{ field, text: wording(caller.behaviour, 'notFound', kind) }]
