import * as z from 'zod'

/**
 * The kinds of value in the contract's responses. A value that Pipedrive may leave empty is `null`, never absent; the mapping tables decide
 * which fields these are, and a shape that disagrees does not compile.
 */
export const nullableInt = () => z.int().nullable().meta({ format: 'int32' })
export const nullableString = () => z.string().nullable()
/** yyyy-MM-ddTHH:mm:ss.fffZ */
export const nullableDateTime = () => z.string().nullable().meta({ format: 'date-time' })
/** The record's own id, and other values that are never null. */
export const id = () => z.int().meta({ format: 'int32' })
export const count = id
export const string = () => z.string()
export const number = () => z.number().meta({ format: 'double' })
export const boolean = () => z.boolean()
/** A field that Pipedrive no longer has: always null, and offered last. */
export const removedUpstream = <T extends z.ZodType>(kind: T): T => kind.meta({ visibility: 'advanced' })
