import * as z from 'zod'

/**
 * The kinds of value that the contract's responses know. What Pipedrive may leave empty is `null`, never absent; which fields these are is
 * decided by the mapping tables, and a shape that says otherwise does not compile.
 */
export const nullableInt = () => z.int().nullable().meta({ format: 'int32' })
export const nullableString = () => z.string().nullable()
/** yyyy-MM-ddTHH:mm:ss.fffZ */
export const nullableDateTime = () => z.string().nullable().meta({ format: 'date-time' })
/** The record's own id, and what else is never null. */
export const id = () => z.int().meta({ format: 'int32' })
export const count = id
export const string = () => z.string()
export const number = () => z.number().meta({ format: 'double' })
export const boolean = () => z.boolean()
/** What Pipedrive has no more: always null, and offered last. */
export const removedUpstream = <T extends z.ZodType>(kind: T): T => kind.meta({ visibility: 'advanced' })
