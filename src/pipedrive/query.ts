/** A query string in a fixed order: lists as comma lists (which Pipedrive expects unescaped in its examples), undefined values omitted. */
export function queryString(values: Record<string, string | number | readonly (string | number)[] | undefined>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
    .map(
      ([name, value]) =>
        `${name}=${[value]
          .flat()
          .map((part) => encodeURIComponent(String(part)))
          .join(',')}`,
    )
    .join('&')
}
