import * as z from 'zod'

/** The kinds of value that the contract's responses know. What Pipedrive may leave empty is `null`, never absent. */
export const int = () => z.int().nullable().meta({ format: 'int32' })
export const number = () => z.number().nullable().meta({ format: 'double' })
export const text = () => z.string().nullable()
/** yyyy-MM-ddTHH:mm:ss.fffZ */
export const time = () => z.string().nullable().meta({ format: 'date-time' })
/** Never null: the record says yes or no. */
export const flag = () => z.boolean()
/** The record's own id, never null. */
export const id = () => z.int().meta({ format: 'int32' })
/** What Pipedrive has no more: always null, and offered last. */
export const gone = <T extends z.ZodType>(kind: T): T => kind.meta({ visibility: 'advanced' })
