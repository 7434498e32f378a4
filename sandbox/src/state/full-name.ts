/** A FullName is a person's name with its two parts. */
export interface FullName {
  name: string
  first_name: string | null
  last_name: string | null
}

/** The first word is the first name, the rest the last name. */
export function splitName(name: string): FullName {
  const [first = '', ...rest] = name.split(' ')
  return { name, first_name: first, last_name: rest.join(' ') || null }
}

export const joinName = (first: string, last: string): FullName => ({
  name: [first, last].filter((part) => part !== '').join(' '),
  first_name: first || null,
  last_name: last || null,
})
