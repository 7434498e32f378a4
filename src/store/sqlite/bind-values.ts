/** A BoundValue is a value that node:sqlite accepts as a parameter. */
export type BoundValue = null | string | number | bigint | Uint8Array

const describe = (value: unknown): string => {
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value !== 'object' || value === null) return `a value of type ${typeof value}`
  if (value instanceof Date) return 'an invalid Date'
  return `an object of class ${value.constructor.name}`
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Array.isArray(value)
}

/**
 * A parameter as SQLite stores it. node:sqlite treats an object in the first position as named parameters and shifts the others without an
 * error, so every value is converted: times become milliseconds, booleans 0 and 1, documents JSON. Throws for everything else.
 */
export function bindValue(value: unknown): BoundValue {
  if (value === null || typeof value === 'string' || value instanceof Uint8Array) return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  // Bound as a double, a whole number would come back from an expression as 5.0.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'number' && Number.isFinite(value) && !Number.isInteger(value)) return value
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return value
  if (value instanceof Date && Number.isFinite(value.getTime())) return BigInt(value.getTime())
  if (typeof value === 'object' && isPlain(value)) return JSON.stringify(value)
  throw new TypeError(
    `The store cannot hold ${describe(value)}: it accepts text, whole numbers up to 2^53, fractions, booleans, Dates, bytes and JSON.`,
  )
}
