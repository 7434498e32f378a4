import type * as z from 'zod'

/** A Shape is a schema with a name, under which the definition shows it. The name is part of its type, so that its texts can be checked by the compiler. */
export type Shape<Name extends string = string, T extends z.ZodType = z.ZodType> = T & { readonly shapeName: Name }

export const defineShape = <const Name extends string, T extends z.ZodType>(name: Name, schema: T): Shape<Name, T> =>
  Object.assign(schema.meta({ id: name }), { shapeName: name })

/** The schema of a value, without "or null", "or absent" and "a list of". */
type Inner<T> = T extends z.ZodNullable<infer V> | z.ZodOptional<infer V> | z.ZodArray<infer V> ? Inner<V> : T
type Join<K extends string, Below extends string> = `${K}.${Below}`

/** The dotted path of every field of a schema: `status`, `person_id`, `person_id.name`. A field that holds another Shape ends there. */
export type FieldPath<T> =
  T extends z.ZodObject<infer Fields> ? { [K in keyof Fields & string]: K | PathBelow<K, Inner<Fields[K]>> }[keyof Fields & string] : never
type PathBelow<K extends string, T> = T extends { shapeName: string } ? never : Join<K, FieldPath<T>>

/** The paths that lead to a value, not to an object. */
export type LeafPath<T> =
  T extends z.ZodObject<infer Fields> ? { [K in keyof Fields & string]: LeafBelow<K, Inner<Fields[K]>> }[keyof Fields & string] : never
type LeafBelow<K extends string, T> = T extends { shapeName: string } ? K : T extends z.ZodObject ? Join<K, LeafPath<T>> : K
