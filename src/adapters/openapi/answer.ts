import type * as z from 'zod'
import type { Locale } from '../../catalog/locales/en.ts'
import type { Label } from '../../catalog/locales/locales.ts'
import { jsonSchema, referred, resolve, swaggerSchema, type SwaggerSchema } from './schema.ts'

/** A reference to the schema of a response. The referenced schemas go into `definitions`, which holds only objects: Power Apps accepts nothing else there. */
export function answer(id: string, output: z.ZodType, locale: Locale, definitions: Record<string, SwaggerSchema>): SwaggerSchema {
  const schema = jsonSchema(output, 'output')
  const name = referred(schema)
  if (!name) throw new Error(`${id}: its output needs an id, for definitions are by name`)
  for (const [name, definition] of Object.entries(resolve(schema).definitions)) {
    if (definition.type !== 'object' || !definition.properties)
      throw new Error(`${name} is no object with properties: leave it without an id`)
    const labels = (locale.definitions as Record<string, Record<string, Label>>)[name] ?? {}
    definitions[name] ??= optional(swaggerSchema(definition, labels, name))
  }
  return { $ref: `#/definitions/${name}` }
}

/** Typed clients treat a required field as never null and ignore `x-nullable`, so no field of a response is required. */
function optional({ required: _, ...schema }: SwaggerSchema): SwaggerSchema {
  const items = schema.items as SwaggerSchema | undefined
  return {
    ...schema,
    ...(items && { items: optional(items) }),
    ...(schema.properties && { properties: Object.fromEntries(Object.entries(schema.properties).map(([key, p]) => [key, optional(p)])) }),
  }
}
