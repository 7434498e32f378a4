import type { LinkedRecord, LinkedKind } from '../pipedrive/pipedrive.ts'

/** A Rule says where the value of one contract field comes from in API v2. */
export type FieldRule<S, V> =
  | { kind: 'field'; from: keyof S & string; to: (value: never) => V; include: boolean }
  | { kind: 'lookup'; linked: LinkedKind; by: keyof S & string; take: (row: never, id: number) => V; include: boolean }
  | { kind: 'derived'; why: string; to: (source: S) => V }
  | { kind: 'constant'; why: string; value: V }
  | { kind: 'gone'; why: string }

/** A Mapping is a table with one row per contract field. Query, look-ups, price and reference page all come from it. */
export type Mapping<S, C> = { [K in keyof C]-?: FieldRule<S, C[K]> }

/** What a rule yields. */
type Yield<R> = R extends { kind: 'field'; to: (value: never) => infer V }
  ? V
  : R extends { kind: 'lookup'; take: (row: never, id: number) => infer V }
    ? V
    : R extends { kind: 'derived'; to: (source: never) => infer V }
      ? V
      : R extends { kind: 'constant'; value: infer V }
        ? V
        : never
/** Whether a value can be null, and which fields of it. */
type Nulls<T> = [null extends T ? 'null' : 'never null', FieldNulls<NonNullable<T>>]
type FieldNulls<T> = [T] extends [never] ? 0 : T extends object ? { [K in keyof T]: Nulls<T[K]> } : 0
type Same<A, B> = [A, B] extends [B, A] ? true : false
/** The fields at which shape and table do not agree about null. */
type Disagreeing<M, C> = { [K in keyof M & keyof C]: Same<Nulls<Yield<M[K]>>, Nulls<C[K]>> extends true ? never : K }[keyof M & keyof C]

/**
 * A Mapping whose shape says "or null" exactly where the table can yield null: a definition that says too little breaks typed clients, one that
 * says too much makes them check for nothing. A difference does not compile.
 */
export const defineMapping =
  <S, C>() =>
  <M extends Mapping<S, C>>(table: M & ([Disagreeing<M, C>] extends [never] ? unknown : { 'null differs at': Disagreeing<M, C> })) =>
    table as unknown as Mapping<S, C>

const same = (value: unknown): never => value as never

/** The six words that rows are written in. An empty source value is always `null` in the contract. */
export const fieldRules = <S>() => {
  function field<K extends keyof S & string>(from: K): FieldRule<S, S[K]>
  function field<K extends keyof S & string, V>(from: K, to: (value: NonNullable<S[K]>) => V): FieldRule<S, V | null>
  function field<K extends keyof S & string>(from: K, to?: (value: NonNullable<S[K]>) => unknown): FieldRule<S, never> {
    return { kind: 'field', from, to: (to ?? same) as unknown as (value: never) => never, include: false }
  }
  return {
    field,
    /** A field that Pipedrive serves only when include_fields asks for it. */
    included: <K extends keyof S & string>(from: K): FieldRule<S, S[K]> => ({ kind: 'field', from, to: same, include: true }),
    /** A field of the record that `by` points at. `take` gets undefined when that record is invisible or deleted. */
    lookup: <K extends LinkedKind, V>(
      linked: K,
      by: keyof S & string,
      take: (row: LinkedRecord[K] | undefined, id: number) => V,
      { include = false }: { include?: boolean } = {},
    ): FieldRule<S, V | null> => ({ kind: 'lookup', linked, by, take, include }),
    derived: <V>(why: string, to: (source: S) => V): FieldRule<S, V> => ({ kind: 'derived', why, to }),
    constant: <V>(why: string, value: V): FieldRule<S, V> => ({ kind: 'constant', why, value }),
    gone: (why: string): FieldRule<S, null> => ({ kind: 'gone', why }),
  }
}

type AnyFieldRule = FieldRule<Record<string, unknown>, unknown>
const rows = (mapping: object): [string, AnyFieldRule][] => Object.entries(mapping) as [string, AnyFieldRule][]

/** The include_fields keys that the mapping needs, without repeats. */
export function includeFields(mapping: object): string[] {
  const keys = rows(mapping).flatMap(([, r]) =>
    (r.kind === 'field' || r.kind === 'lookup') && r.include ? [r.kind === 'field' ? r.from : r.by] : [],
  )
  return [...new Set(keys)]
}

/** Which records of each kind a page of sources points at. */
export function linkedIds<S, C>(mapping: Mapping<S, C>, sources: readonly S[]): Map<LinkedKind, Set<number>> {
  const wanted = new Map<LinkedKind, Set<number>>()
  for (const [, rule] of rows(mapping)) {
    if (rule.kind !== 'lookup') continue
    for (const source of sources) {
      const id = (source as Record<string, unknown>)[rule.by]
      if (typeof id !== 'number') continue
      const ids = wanted.get(rule.linked)
      if (ids) ids.add(id)
      else wanted.set(rule.linked, new Set([id]))
    }
  }
  return wanted
}

/** Found holds the linked records that could be fetched, by kind and id. */
export type LinkedRecords = { [K in LinkedKind]?: Map<number, LinkedRecord[K]> }

/** Fills one contract row. Pure: everything that had to be fetched lies in `found`. */
export function fillRow<S, C>(mapping: Mapping<S, C>, source: S, found: LinkedRecords): C {
  const from = source as Record<string, unknown>
  const value = (rule: AnyFieldRule): unknown => {
    switch (rule.kind) {
      case 'field':
        return from[rule.from] === null || from[rule.from] === undefined ? null : rule.to(from[rule.from] as never)
      case 'lookup': {
        const id = from[rule.by]
        return typeof id === 'number' ? rule.take(found[rule.linked]?.get(id) as never, id) : null
      }
      case 'derived':
        return rule.to(from)
      case 'constant':
        return rule.value
      case 'gone':
        return null
    }
  }
  return Object.fromEntries(rows(mapping).map(([key, rule]) => [key, value(rule)])) as C
}
