const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code

/** Both engines report a violated constraint with the code of PostgreSQL. */
export const isUniqueViolation = (error: unknown): boolean => codeOf(error) === '23505'
export const isForeignKeyViolation = (error: unknown): boolean => codeOf(error) === '23503'
