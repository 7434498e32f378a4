import * as z from 'zod'
import { InvalidInput } from '../kit/errors/invalid-input.ts'
import { nearest } from '../kit/nearest.ts'
import type { Operation } from './define.ts'
import { DEFAULT_SETS, SETS, type OperationSet } from './set-names.ts'

/** `contacts,leads`, or `all`. Throws InvalidInput for a name that is no set. */
export function readSets(text: string | undefined): readonly OperationSet[] {
  const names = (text ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
  if (names.length === 0) return DEFAULT_SETS
  if (names.includes('all')) return SETS
  return SETS.filter((set) => {
    for (const name of names) if (!isSet(name)) throw new InvalidInput([{ field: 'sets', message: unknownSet(name) }])
    return names.includes(set)
  })
}

const isSet = (name: string): name is OperationSet => SETS.some((set) => set === name)

function unknownSet(name: string): string {
  const near = nearest(name.slice(0, 40), SETS)
  return `${JSON.stringify(name.slice(0, 40))} is no set${near ? `; did you mean "${near}"?` : ''}; the sets are ${SETS.join(', ')}, or all`
}

/** The look-ups that fill the drop-downs of an operation. */
const choicesOf = ({ input }: Operation): string[] =>
  Object.values(z.toJSONSchema(input, { io: 'input' }).properties ?? {}).flatMap((field) =>
    typeof field === 'object' && typeof field['choices'] === 'string' ? [field['choices']] : [],
  )

/** The operations of these sets, with the look-ups that fill their drop-downs, and the one that tests a connection. */
export function operationsIn(operations: readonly Operation[], sets: readonly OperationSet[]): Operation[] {
  const isIn = (operation: Operation) => operation.kind !== 'lookup' && sets.includes(operation.set)
  const lookups = new Set(operations.filter(isIn).flatMap(choicesOf))
  return operations.filter(
    (operation) => isIn(operation) || (operation.kind === 'lookup' && (lookups.has(operation.id) || operation.testsConnection === true)),
  )
}
