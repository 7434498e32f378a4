import type * as z from 'zod'
import type { Lookup, Operation } from '../../catalog/define.ts'
import { jsonSchema, resolve, type JsonSchema } from './schema.ts'

/** Fields of a look-up's rows, preferred first: the value that is sent, and the text that is shown. */
const VALUES = ['key_string', 'code', 'id'] as const
const TITLES = ['title', 'name'] as const

/** A DropDown is a list to pick from: the field of its rows that is sent, and the extensions that make hosts show it. */
export interface DropDown {
  sends: (typeof VALUES)[number]
  extensions: Record<string, object>
}

/**
 * The extensions that make a drop-down out of a look-up: designers before 2020 read `x-ms-dynamic-values`, later ones `x-ms-dynamic-list`,
 * the only one that can refer to a field of a body. A filter of the look-up gets its value from the field of the same name.
 */
export function dropDown(
  operations: readonly Operation[],
  operation: { id: string; input: z.ZodObject },
  choices: string,
  inBody: (field: string) => boolean,
): DropDown {
  const lookup = operations.find((o): o is Lookup => o.kind === 'lookup' && o.id === choices)
  if (!lookup) throw new Error(`${operation.id}: its choices come from "${choices}", which is no look-up`)
  const keys = rowKeys(lookup)
  const value = VALUES.find((key) => keys.includes(key))
  const title = TITLES.find((key) => keys.includes(key))
  if (!value || !title) throw new Error(`${lookup.id}: its rows have nothing to send or nothing to show`)
  const narrowedBy = Object.keys(lookup.input.shape).filter((key) => key in operation.input.shape)
  const parameters = (of: (key: string) => object) => Object.fromEntries(narrowedBy.map((key) => [key, of(key)]))
  const extensions = {
    'x-ms-dynamic-values': {
      operationId: lookup.id,
      parameters: parameters((key) => ({ parameter: key })),
      'value-collection': 'data',
      'value-path': value,
      'value-title': title,
    },
    'x-ms-dynamic-list': {
      operationId: lookup.id,
      parameters: parameters((key) => ({ parameterReference: inBody(key) ? `body/${key}` : key })),
      itemsPath: 'data',
      itemValuePath: value,
      itemTitlePath: title,
    },
  }
  return { sends: value, extensions }
}

function rowKeys(lookup: Lookup): string[] {
  const { root, definitions } = resolve(jsonSchema(lookup.output, 'output'))
  const data = (root.properties as Record<string, JsonSchema> | undefined)?.data
  const row = data?.items ? resolve({ ...(data.items as JsonSchema), definitions }).root : {}
  return Object.keys(row.properties ?? {})
}
