import type { Lookup, Operation } from '../../catalog/define.ts'
import { en, type Locale } from '../../catalog/locales/en.ts'
import type { OperationText } from '../../catalog/locales/locales.ts'
import { answer } from './answer.ts'
import { parameters } from './parameters.ts'
import type { SwaggerSchema } from './schema.ts'
import { security, type Auth } from './security.ts'
import { subscriptionPaths } from './subscriptions.ts'
import type { SwaggerDocument, SwaggerOperation } from './swagger-document.ts'

/** The version of the definition, not of the program: hosts show it with the connector. */
const DEFINITION_VERSION = '1.0'

/** The metadata that catalogs of connectors show; Microsoft chose the words for the categories. */
const METADATA = [
  { propertyName: 'Website', propertyValue: 'https://www.pipedrive.com/' },
  { propertyName: 'Privacy policy', propertyValue: 'https://www.pipedrive.com/privacy' },
  { propertyName: 'Categories', propertyValue: 'Sales and CRM' },
] as const

export interface SwaggerOptions {
  /** With the port, if any. */
  host: string
  basePath: string
  schemes: readonly ('http' | 'https')[]
  locale?: Locale
  auth?: Auth
}

/** The options for a server with this public URL. */
export function reachedAt(baseUrl: string): Pick<SwaggerOptions, 'host' | 'basePath' | 'schemes'> {
  const { host, pathname, protocol } = new URL(baseUrl)
  return { host, basePath: pathname, schemes: [protocol === 'https:' ? 'https' : 'http'] }
}

/** The Swagger 2.0 definition of these operations. Pure: the same catalog and options yield the same document, key by key. */
export function swagger(operations: readonly Operation[], options: SwaggerOptions): SwaggerDocument {
  const { host, basePath, schemes, locale = en, auth = 'key' } = options
  const definitions: Record<string, SwaggerSchema> = {}
  const paths: SwaggerDocument['paths'] = {}
  for (const operation of operations) {
    const item = (paths[operation.path] ??= {})
    const method = operation.method.toLowerCase()
    if (item[method]) throw new Error(`${operation.id}: ${operation.method} ${operation.path} is taken by ${item[method].operationId}`)
    item[method] = swaggerOperation(operations, operation, locale, definitions)
  }
  Object.assign(paths, subscriptionPaths(operations, locale, definitions))
  const test = operations.find((o): o is Lookup => o.kind === 'lookup' && o.testsConnection === true)
  return complete({
    swagger: '2.0',
    info: { title: locale.info.title, description: locale.info.description, version: DEFINITION_VERSION },
    host,
    basePath,
    schemes,
    consumes: ['application/json'],
    produces: ['application/json'],
    paths,
    definitions,
    ...security(auth, locale),
    ...(test && { 'x-ms-capabilities': { testConnection: { operationId: test.id, parameters: {} } } }),
    'x-ms-connector-metadata': METADATA,
  })
}

/** A text that the locale lacks would be left out silently. */
function complete(document: SwaggerDocument): SwaggerDocument {
  const check = (value: unknown, at: string): void => {
    if (value === undefined) throw new Error(`${at}: the locale has no text for it`)
    if (typeof value === 'object' && value !== null) for (const [key, below] of Object.entries(value)) check(below, `${at}.${key}`)
  }
  check(document, 'definition')
  return document
}

function swaggerOperation(
  operations: readonly Operation[],
  operation: Operation,
  locale: Locale,
  definitions: SwaggerDocument['definitions'],
): SwaggerOperation {
  const text = (locale.operations as Record<string, OperationText>)[operation.id]
  if (!text) throw new Error(`${operation.id} has no text in the locale`)
  const output = answer(operation.id, operation.output, locale, definitions)
  return {
    operationId: operation.id,
    summary: text.summary,
    description: text.deprecation ? `${text.description} ${text.deprecation}` : text.description,
    ...visibility(operation),
    ...trigger(operation, text),
    ...(operation.revision?.replacement && { deprecated: true }),
    ...annotation(operation, locale),
    parameters: parameters(operations, operation, text, locale),
    responses: {
      200: { description: locale.responses.success, schema: operation.kind === 'trigger' ? { type: 'array', items: output } : output },
      ...(operation.kind === 'trigger' && { 202: { description: locale.responses.nothingNew } }),
      default: { description: locale.responses.failure },
    },
  }
}

/** Look-ups are only for drop-downs, and new flows should not start with an operation that has a replacement. Designers show the important ones first. */
function visibility(operation: Operation) {
  if (operation.kind === 'lookup') return { 'x-ms-visibility': 'internal' }
  const isRare = operation.kind === 'action' && operation.rank === 'normal'
  return isRare || operation.revision?.replacement ? {} : { 'x-ms-visibility': 'important' }
}

function trigger({ kind, id }: Operation, { hint }: OperationText) {
  if (kind !== 'trigger') return {}
  if (!hint) throw new Error(`${id}: a trigger needs a hint in the locale`)
  return { 'x-ms-trigger': 'batch', 'x-ms-trigger-hint': hint }
}

function annotation({ revision, preview }: Operation, locale: Locale) {
  if (!revision) return {}
  const { family, number, replacement } = revision
  return {
    'x-ms-api-annotation': {
      family,
      revision: number,
      status: preview ? 'Preview' : 'Production',
      ...(replacement && { replacement: { api: locale.info.title, operationId: replacement } }),
    },
  }
}
