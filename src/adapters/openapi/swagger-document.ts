import type { SwaggerParameter } from './parameters.ts'
import type { SwaggerSchema } from './schema.ts'

/** A SwaggerOperation is an operation object of OpenAPI 2.0. */
export type SwaggerOperation = Record<string, unknown> & {
  operationId: string
  parameters: SwaggerParameter[]
  responses: Record<string, { description: string; schema?: SwaggerSchema }>
}

/** A SwaggerPathItem is what can be done at one path, by method. Beside the methods, `x-ms-notification-content` may say what subscribers there are sent. */
export type SwaggerPathItem = Record<string, SwaggerOperation>

/** A SwaggerDocument is the definition that hosts import as a custom connector. */
export type SwaggerDocument = Record<string, unknown> & {
  paths: Record<string, SwaggerPathItem>
  definitions: Record<string, SwaggerSchema>
}

/** Every operation of a definition with where it stands. */
export const operationsIn = ({ paths }: SwaggerDocument): { path: string; method: string; operation: SwaggerOperation }[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => !method.startsWith('x-'))
      .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
