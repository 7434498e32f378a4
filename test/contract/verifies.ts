import { test } from 'vitest'
import type { ErrorCode } from './error-codes.ts'
import { groups, requirements, type DefinitionName } from './requirements.ts'

const known = new Set(requirements.map((r) => r.id))

/** A test that verifies requirements. The ids are written out as literals, so that the coverage gate can read them without running anything. */
export function verifies(ids: string | readonly string[], title: string, body: () => void | Promise<void>): void {
  for (const id of [ids].flat()) if (!known.has(id)) throw new Error(`"${title}" verifies "${id}", which is not a requirement`)
  test(title, body)
}

/** One test per requirement of a group; the body gets the part of the id behind the group's prefix. */
function each(group: readonly string[], prefix: string, title: string, body: (part: string) => void | Promise<void>): void {
  test.each(group.map((id) => id.slice(prefix.length)))(`${title}: %s`, body)
}
/** Each `GetDeal`. */
verifies.operations = (title: string, body: (id: string) => void | Promise<void>) => each(groups.operations(), 'op.', title, body)
/** Each `AddDeal`, `title`. */
verifies.parameters = (title: string, body: (operation: string, key: string) => void | Promise<void>) =>
  each(groups.parameters(), 'param.', title, (part) => body(...(part.split('.') as [string, string])))
/** Each `NotFound`. */
verifies.errorCodes = (title: string, body: (code: ErrorCode) => void | Promise<void>) =>
  each(groups.errorCodes(), 'code.', title, (code) => body(code as ErrorCode))
/** Each `person_id.name`. */
verifies.rows = (definition: DefinitionName, title: string, body: (row: string) => void | Promise<void>) =>
  each(groups.rows(definition), `row.${definition}.`, title, body)
