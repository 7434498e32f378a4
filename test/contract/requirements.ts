import * as z from 'zod'
import { ActivityResponse } from '../../src/catalog/contract/shapes/activity.ts'
import { DealResponse, DealResponseV2 } from '../../src/catalog/contract/shapes/deal.ts'
import { StageResponse } from '../../src/catalog/contract/shapes/stage.ts'
import { errorCodes } from './error-codes.ts'
import { contractOperations } from './operations.ts'
import { rules, type Source } from './rules.ts'

/** A Requirement is one sentence of the contract. Tests name it by its id; one that no test verifies fails the suite. */
export interface Requirement {
  id: string
  source: Source
  behaviour: string
}

export const definitions = { DealResponse, DealResponseV2, ActivityResponse, StageResponse }
export type DefinitionName = keyof typeof definitions

/** The fields of a record that hold a value themselves, in dots: `status`, `person_id.name`. */
function leaves(shape: z.ZodRawShape): string[] {
  return Object.entries(shape).flatMap(([key, type]) => {
    const inner = type instanceof z.ZodNullable ? type.unwrap() : type
    return inner instanceof z.ZodObject ? leaves(inner.shape).map((leaf) => `${key}.${leaf}`) : [key]
  })
}
const rowsOf = (name: DefinitionName) => leaves(definitions[name].shape).map((row) => `row.${name}.${row}`)

const operationRequirements = contractOperations.flatMap((operation): Requirement[] => [
  {
    id: `op.${operation.id}`,
    source: operation.kind === 'lookup' ? 'decision' : 'reference page',
    behaviour: `${operation.method} ${operation.path} answers ${operation.returns}${operation.deprecated ? '; deprecated, it works all the same' : ''}`,
  },
  ...operation.parameters.map((p) => ({
    id: `param.${operation.id}.${p.key}`,
    source: 'reference page' as const,
    behaviour: `${p.required ? 'required' : 'optional'} ${p.type} in the ${p.in}${p.enum ? `, one of ${p.enum.join(', ')}` : ''}`,
  })),
])

const rowRequirements = (Object.keys(definitions) as DefinitionName[])
  .flatMap(rowsOf)
  .map((id): Requirement => ({ id, source: 'reference page', behaviour: 'holds the true value of the record in Pipedrive' }))

const ruleRequirements = rules.flatMap(([source, table]) =>
  Object.entries(table).map(([id, behaviour]): Requirement => ({ id, source, behaviour })),
)

const codeRequirements = Object.entries(errorCodes).map(([code, status]): Requirement => ({
  id: `code.${code}`,
  source: 'hosts',
  behaviour: `comes with status ${status}`,
}))

/** Every sentence of the contract. */
export const requirements: readonly Requirement[] = [...operationRequirements, ...rowRequirements, ...ruleRequirements, ...codeRequirements]

const ids = (prefix: string) => requirements.filter((r) => r.id.startsWith(prefix)).map((r) => r.id)
/** Groups of requirements that one loop of a test verifies. */
export const groups = {
  operations: () => ids('op.'),
  parameters: () => ids('param.'),
  errorCodes: () => ids('code.'),
  rows: (name: DefinitionName) => ids(`row.${name}.`),
}
