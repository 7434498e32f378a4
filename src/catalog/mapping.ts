import type { LinkedKind, LinkedRecord } from '../pipedrive/pipedrive.ts'
import type { SourceNote } from './source-notes.ts'

/** A FieldRule says where the value of one contract field comes from in API v2. `S` is the record of API v2, `V` the value. */
export type FieldRule<S, V> =
  | { kind: 'field'; from: keyof S & string; convert: (value: never) => V; include: boolean }
  | { kind: 'lookup'; linked: LinkedKind; by: keyof S & string; map: (record: never, id: number) => V; include: boolean }
  | { kind: 'derived'; note: SourceNote; derive: (record: S) => V }
  | { kind: 'constant'; note: SourceNote; value: V }
  | { kind: 'removedUpstream'; note: SourceNote }

/** A Mapping is a table with one rule per contract field. The query, the look-ups, the price and the reference page follow from it. */
export type Mapping<S, C> = { [K in keyof C]-?: FieldRule<S, C[K]> }

/** The value that a rule yields. */
type RuleValue<R> = R extends { kind: 'field'; convert: (value: never) => infer V }
  ? V
  : R extends { kind: 'lookup'; map: (record: never, id: number) => infer V }
    ? V
    : R extends { kind: 'derived'; derive: (record: never) => infer V }
      ? V
      : R extends { kind: 'constant'; value: infer V }
        ? V
        : never
/** Whether a value can be null, and which of its fields can. */
type Nullability<T> = [null extends T ? 'null' : 'never null', FieldNullability<NonNullable<T>>]
type FieldNullability<T> = [T] extends [never] ? 0 : T extends object ? { [K in keyof T]: Nullability<T[K]> } : 0
type Same<A, B> = [A, B] extends [B, A] ? true : false
/** The fields where the shape and the table disagree about null. */
type NullMismatch<M, C> = {
  [K in keyof M & keyof C]: Same<Nullability<RuleValue<M[K]>>, Nullability<C[K]>> extends true ? never : K
}[keyof M & keyof C]

/**
 * Checks that the shape says "or null" exactly where the table can yield null; a mismatch does not compile. A missing "or null" breaks
 * typed clients, a superfluous one makes them check for nothing.
 */
export const defineMapping =
  <S, C>() =>
  <M extends Mapping<S, C>>(table: M & ([NullMismatch<M, C>] extends [never] ? unknown : { 'null differs at': NullMismatch<M, C> })) =>
    table as unknown as Mapping<S, C>

const unchanged = (value: unknown): never => value as never

/** The six kinds of rule that mappings are written in, for records of type `S`. An empty source value is always `null` in the contract. */
export const fieldRules = <S>() => {
  function field<K extends keyof S & string>(from: K): FieldRule<S, S[K]>
  function field<K extends keyof S & string, V>(from: K, convert: (value: NonNullable<S[K]>) => V): FieldRule<S, V | null>
  function field<K extends keyof S & string>(from: K, convert?: (value: NonNullable<S[K]>) => unknown): FieldRule<S, never> {
    return { kind: 'field', from, convert: (convert ?? unchanged) as unknown as (value: never) => never, include: false }
  }
  return {
    field,
    /** A field that Pipedrive returns only when include_fields names it. */
    included: <K extends keyof S & string>(from: K): FieldRule<S, S[K]> => ({ kind: 'field', from, convert: unchanged, include: true }),
    /** A value of the record that the field `by` points at. `map` gets undefined if that record is invisible or deleted. */
    lookup: <K extends LinkedKind, V>(
      linked: K,
      by: keyof S & string,
      map: (record: LinkedRecord[K] | undefined, id: number) => V,
      { include = false }: { include?: boolean } = {},
    ): FieldRule<S, V | null> => ({ kind: 'lookup', linked, by, map, include }),
    /** A value computed from several fields of the record. */
    derived: <V>(note: SourceNote, derive: (record: S) => V): FieldRule<S, V> => ({ kind: 'derived', note, derive }),
    constant: <V>(note: SourceNote, value: V): FieldRule<S, V> => ({ kind: 'constant', note, value }),
    /** A field of API v1 that API v2 does not have: always null. */
    removedUpstream: (note: SourceNote): FieldRule<S, null> => ({ kind: 'removedUpstream', note }),
  }
}

/** An AnyFieldRule is a rule for a record whose type is not known. */
export type AnyFieldRule = FieldRule<Record<string, unknown>, unknown>
const rulesOf = (mapping: object): [string, AnyFieldRule][] => Object.entries(mapping) as [string, AnyFieldRule][]

/** The include_fields keys that a mapping needs, without repeats. */
export function includeFields(mapping: object): string[] {
  const keys = rulesOf(mapping).flatMap(([, rule]) =>
    (rule.kind === 'field' || rule.kind === 'lookup') && rule.include ? [rule.kind === 'field' ? rule.from : rule.by] : [],
  )
  return [...new Set(keys)]
}

/** The ids of the linked records of each kind that a page of records needs. */
export function linkedIds<S, C>(mapping: Mapping<S, C>, records: readonly S[]): Map<LinkedKind, Set<number>> {
  const idsByKind = new Map<LinkedKind, Set<number>>()
  for (const [, rule] of rulesOf(mapping)) {
    if (rule.kind !== 'lookup') continue
    for (const record of records) {
      const id = (record as Record<string, unknown>)[rule.by]
      if (typeof id !== 'number') continue
      const ids = idsByKind.get(rule.linked)
      if (ids) ids.add(id)
      else idsByKind.set(rule.linked, new Set([id]))
    }
  }
  return idsByKind
}

/** LinkedRecords holds the linked records that could be fetched, by kind and id. */
export type LinkedRecords = { [K in LinkedKind]?: Map<number, LinkedRecord[K]> }

/** Fills one contract row. Pure: all linked records are already fetched. */
export function fillRow<S, C>(mapping: Mapping<S, C>, record: S, linked: LinkedRecords): C {
  const source = record as Record<string, unknown>
  const valueOf = (rule: AnyFieldRule): unknown => {
    switch (rule.kind) {
      case 'field':
        return source[rule.from] === null || source[rule.from] === undefined ? null : rule.convert(source[rule.from] as never)
      case 'lookup': {
        const id = source[rule.by]
        return typeof id === 'number' ? rule.map(linked[rule.linked]?.get(id) as never, id) : null
      }
      case 'derived':
        return rule.derive(source)
      case 'constant':
        return rule.value
      case 'removedUpstream':
        return null
    }
  }
  return Object.fromEntries(rulesOf(mapping).map(([key, rule]) => [key, valueOf(rule)])) as C
}
