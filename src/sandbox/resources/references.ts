import { type Problem, wording } from '../http/answer.ts'
import { type Caller, isKept } from '../state/caller.ts'
import type { CustomField } from '../state/company.ts'
import type { Row } from '../state/records.ts'
import { canSee, canSeeDeal } from '../state/visibility.ts'
import type { Body, Reference } from './resource.ts'

const alive = (row: Row | undefined, caller: Caller): boolean => row !== undefined && !row.is_deleted && isKept(row, caller)

/** Whether the caller may point at the record. */
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
  Deal: (id, caller) => {
    const deal = caller.company.deals.get(id)
    return deal !== undefined && alive(deal, caller) && canSeeDeal(deal, caller)
  },
}

/** What is wrong with the id of another record, if anything. */
export const referenceProblem = (field: string, kind: Reference, id: unknown, caller: Caller): Problem[] =>
  typeof id !== 'number' || exists[kind](id, caller) ? [] : [{ field, text: wording(caller.behaviour, 'notFound', kind) }]

const isMonetary = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Record<string, unknown>)['value'] === 'number' &&
  typeof (value as Record<string, unknown>)['currency'] === 'string'

/** Custom fields go by their code only, and take exactly the form of their type; null clears one. */
export function customFieldProblems(body: Body, fields: readonly CustomField[]): Problem[] {
  const problem = (text: string): Problem => ({ field: 'custom_fields', text })
  return Object.entries((body['custom_fields'] ?? {}) as Record<string, unknown>).flatMap(([code, value]) => {
    const field = fields.find((known) => known.code === code)
    if (!field) return [problem(`Unknown key '${code}'`)]
    if (value === null || (field.type === 'varchar' ? typeof value === 'string' : isMonetary(value))) return []
    const expected = field.type === 'varchar' ? 'string' : 'object'
    return [problem(`Expected '${expected}' as value for ${field.type} custom field '${code}'`)]
  })
}
