import { closest, distance } from 'fastest-levenshtein'

/** The known name that `name` was probably meant to be, or undefined if none is close. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined
  const best = closest(name.toLowerCase(), known)
  return distance(name.toLowerCase(), best.toLowerCase()) <= Math.max(2, Math.floor(best.length / 2)) ? best : undefined
}
