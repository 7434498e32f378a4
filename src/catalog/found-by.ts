import { isObject } from '../kit/is-object.ts'

/** A FoundByRule is how the values of one field are compared, and where a record shows them. */
interface FoundByRule {
  normalise(text: string): string
  valuesIn(row: Readonly<Record<string, unknown>>): readonly unknown[]
}

const folded = (text: string): string => text.normalize('NFC').trim().toLowerCase()
const each = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

const titled: FoundByRule = { normalise: (text) => folded(text).replace(/\s+/g, ' '), valuesIn: ({ name, title }) => [name ?? title] }

const rules: Readonly<Record<string, FoundByRule>> = {
  email: { normalise: folded, valuesIn: ({ emails }) => each(emails) },
  phone: {
    normalise: (text) => (text.trim().startsWith('+') ? '+' : '') + text.replace(/\D/g, ''),
    valuesIn: ({ phones }) => each(phones),
  },
  name: titled,
  title: titled,
  code: { normalise: folded, valuesIn: ({ code }) => [code] },
}

/** Of a custom field, which is named by its code. */
const customField = (code: string): FoundByRule => ({
  normalise: (text) => text.normalize('NFC').trim(),
  valuesIn: ({ custom_fields: fields }) => (isObject(fields) ? [fields[code]] : []),
})

const ruleOf = (findBy: string): FoundByRule => (Object.hasOwn(rules, findBy) ? rules[findBy]! : customField(findBy))

/** The one form of all spellings of a value by which a record is found: `email`, `phone`, `name`, or the code of a custom field. Empty if nothing is left. */
export const normalisedValue = (findBy: string, text: string): string => ruleOf(findBy).normalise(text)

/** Whether a record as Pipedrive shows it has the value, in any spelling. */
export function showsValue(row: Readonly<Record<string, unknown>>, findBy: string, value: string): boolean {
  const { normalise, valuesIn } = ruleOf(findBy)
  const wanted = normalise(value)
  return valuesIn(row).some((shown) => {
    const plain = isObject(shown) ? shown['value'] : shown
    return (typeof plain === 'string' || typeof plain === 'number') && normalise(String(plain)) === wanted
  })
}
