import type { SwaggerParameter } from './parameters.ts'
import type { SwaggerSchema } from './schema.ts'

/** A SwaggerOperation is an operation object of OpenAPI 2.0. */
export type SwaggerOperation = Record<string, unknown> & {
  operationId: string
  parameters: SwaggerParameter[]
  responses: Record<string, { description: string; schema?: SwaggerSchema }>
}

/** A SwaggerPathItem holds the operations of one path, by method. `x-ms-notification-content` may describe what its subscribers receive. */
export type SwaggerPathItem = Record<string, SwaggerOperation>

/** A SwaggerDocument is the definition that hosts import as a custom connector. */
export type SwaggerDocument = Record<string, unknown> & {
  paths: Record<string, SwaggerPathItem>
  definitions: Record<string, SwaggerSchema>
}

/** Every operation of a definition with its path and method. */
export const operationsIn = ({ paths }: SwaggerDocument): { path: string; method: string; operation: SwaggerOperation }[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => !method.startsWith('x-'))
      .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
