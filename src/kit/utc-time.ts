/** Milliseconds since 1970 of a time as Pipedrive writes it; NaN if it is none. API v1 omits the zone, which is UTC. */
export function utcTime(value: unknown): number {
  const text = String(value)
  return Date.parse(/[Zz]$|[+-]\d{2}:?\d{2}$/.test(text) ? text : `${text.replace(' ', 'T')}Z`)
}
