/** The values of `timezone_id` are not public: the sandbox numbers them itself, 1 for UTC and then the IANA names in order. */
const names = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')]
const ids = new Map(names.map((name, at) => [name, at + 1]))

/** A Zone is a time zone as values of the types time and timerange name it. */
export interface Zone {
  timezone_id: number
  timezone_name: string
}

export function zoneNamed(name: string): Zone | undefined {
  const id = ids.get(name)
  return id === undefined ? undefined : { timezone_id: id, timezone_name: name }
}

export function zoneNumbered(id: number): Zone | undefined {
  const name = names[id - 1]
  return name === undefined ? undefined : { timezone_id: id, timezone_name: name }
}
