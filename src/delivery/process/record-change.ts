import { isDeepStrictEqual } from 'node:util'
import { fillRow, type Mapping } from '../../catalog/mapping.ts'
import type { RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'

/** A RecordChange is the fields that differ between two states of a record, by name. */
export interface RecordChange {
  /** The contract's names, as `changed` of a payload has them, then those that the contract does not show. */
  changed: string[]
  /** Those of `changed` that the contract shows. */
  shown: string[]
}

type ChangeFields = Readonly<Record<string, unknown>>

/**
 * Compares two states by the contract's names. Only content counts: what Pipedrive counts or stamps by itself is not a change. `comparable` holds
 * the fields of API v2 that both states contain in one form; others are not compared.
 */
export function changeBetween(kind: RecordKind, before: TriggerRow, after: TriggerRow, comparable: ReadonlySet<string>): RecordChange {
  const rules = kind.fields as Mapping<TriggerRow, Record<string, unknown>>
  const [was, is] = [fillRow(rules, before, {}), fillRow(rules, after, {})]
  const [then, now]: [ChangeFields, ChangeFields] = [kind.fingerprintFields(before), kind.fingerprintFields(after)]
  const compared = Object.keys(now).filter((name) => comparable.has(name))
  const sources = new Set(compared)
  const covered = new Set<string>()
  const shown: string[] = []
  for (const [name, rule] of Object.entries(rules)) {
    const from = rule.kind === 'field' ? rule.from : rule.kind === 'lookup' ? rule.by : undefined
    if (from !== undefined && !sources.has(from)) continue
    if (from !== undefined) covered.add(from)
    if (!isDeepStrictEqual(was[name], is[name])) shown.push(name)
  }
  const hidden = compared
    .filter((name) => !covered.has(name))
    .flatMap((name) =>
      name === 'custom_fields'
        ? customChanges(then[name], now[name])
        : isDeepStrictEqual(plain(then[name]), plain(now[name]))
          ? []
          : [name],
    )
  // The contract may show a name that several fields make up: it is listed once.
  return { changed: [...new Set([...shown, ...hidden])], shown }
}

/** An emptied text equals null. */
const plain = (value: unknown): unknown => (value === '' ? null : value)

function customChanges(before: unknown, after: unknown): string[] {
  const [was, is] = [(before ?? {}) as ChangeFields, (after ?? {}) as ChangeFields]
  const codes = [...new Set([...Object.keys(was), ...Object.keys(is)])].toSorted()
  return codes.filter((code) => !isDeepStrictEqual(was[code] ?? null, is[code] ?? null)).map((code) => `custom_fields.${code}`)
}
