import { sources, type JsonValue, type LintProblem, type LintRule } from './rule.ts'
import { bodyProperties, entries, isObject, operationsOf, resolved, schemasOf, strings, say } from './walk.ts'

/** What one body may hold. */
const SCHEMAS_PER_BODY_MAX = 512
/** Designers show no more levels in the list of dynamic content; what lies deeper cannot be picked. */
const DEPTH_MAX = 10

const fits = (type: unknown, value: unknown): boolean =>
  type === 'integer'
    ? Number.isInteger(value)
    : type === 'array'
      ? Array.isArray(value)
      : type === 'object'
        ? isObject(value)
        : typeof value === (type === 'file' ? 'string' : type)

/** Down from a schema through references, as deep as it goes; a loop goes deeper than any limit. */
function depth(document: JsonValue, schema: JsonValue, level = 0): number {
  if (level > DEPTH_MAX) return level
  const here = resolved(document, schema)
  const below = [...entries(here['properties']).map(([, property]) => property), ...(isObject(here['items']) ? [here['items']] : [])]
  return Math.max(level, ...below.map((next) => depth(document, next, level + 1)))
}

/** What schemas, parameters and answers must be like. */
export const schemaRules: readonly LintRule[] = [
  {
    id: 'ref-alone',
    source: sources.validator,
    check: (document) =>
      schemasOf(document)
        .filter(({ schema }) => '$ref' in schema && Object.keys(schema).length > 1)
        .map(({ at }): LintProblem => [at, 'has something beside its $ref']),
  },
  {
    id: 'ref-known',
    source: sources.validator,
    check: (document) =>
      schemasOf(document)
        .filter(({ schema }) => '$ref' in schema && Object.keys(resolved(document, schema)).length === 0)
        .map(({ at, schema }): LintProblem => [at, `${say(schema['$ref'])} is not there`]),
  },
  {
    id: 'depth',
    source: sources.validator,
    check: (document) =>
      schemasOf(document)
        .filter(({ named, schema }) => !named && depth(document, schema) > DEPTH_MAX)
        .map(({ at }): LintProblem => [at, 'refers to itself, or is too deep']),
  },
  {
    id: 'array-items',
    source: sources.validator,
    check: (document) =>
      schemasOf(document)
        .filter(({ schema }) => schema['type'] === 'array' && !isObject(schema['items']))
        .map(({ at }): LintProblem => [at, 'does not say what is in its array']),
  },
  {
    id: 'definitions-are-objects',
    source: sources.powerApps,
    check: (document) =>
      entries(document['definitions'])
        .filter(([, { type, properties }]) => type !== 'object' || !isObject(properties) || Object.keys(properties).length === 0)
        .map(([name]): LintProblem => [name, 'is no object with properties']),
  },
  {
    id: 'required-defined',
    source: sources.validator,
    *check(document) {
      for (const { at, schema } of schemasOf(document)) {
        if (!Array.isArray(schema['required'])) continue
        if (schema['required'].length === 0) yield [at, 'has an empty list of required properties']
        const known = isObject(schema['properties']) ? Object.keys(schema['properties']) : []
        for (const key of strings(schema['required'])) if (!known.includes(key)) yield [at, `requires "${key}", which it does not define`]
      }
    },
  },
  {
    id: 'value-type',
    source: sources.validator,
    *check(document) {
      for (const { at, schema } of schemasOf(document)) {
        const values = [
          ...(Array.isArray(schema['enum']) ? (schema['enum'] as unknown[]) : []),
          ...('default' in schema ? [schema['default']] : []),
        ]
        for (const value of values) if (!fits(schema['type'], value)) yield [at, `${JSON.stringify(value)} is no ${say(schema['type'])}`]
        if ('default' in schema && Array.isArray(schema['enum']) && !schema['enum'].includes(schema['default']))
          yield [at, `${JSON.stringify(schema['default'])} is none of its values`]
      }
    },
  },
  {
    id: 'enum-values',
    source: sources.extensions,
    *check(document) {
      for (const { at, schema } of schemasOf(document)) {
        if (!Array.isArray(schema['enum'])) continue
        const shown = Array.isArray(schema['x-ms-enum-values']) ? (schema['x-ms-enum-values'] as JsonValue[]) : []
        if (JSON.stringify(shown.map(({ value }) => value)) !== JSON.stringify(schema['enum']))
          yield [at, 'does not show each of its values']
        if (new Set(shown.map(({ displayName }) => displayName)).size !== shown.length) yield [at, 'shows two values alike']
      }
    },
  },
  {
    id: 'read-only',
    source: sources.validator,
    *check(document) {
      for (const { at, schema } of schemasOf(document))
        for (const [key, property] of entries(schema['properties']))
          if (property['readOnly'] === true && strings(schema['required']).includes(key))
            yield [`${at}.${key}`, 'is required and cannot be written']
    },
  },
  {
    id: 'visibility',
    source: sources.extensions,
    *check(document) {
      const requiredBelow = schemasOf(document).flatMap(({ at, schema }) => strings(schema['required']).map((key) => `${at}.${key}`))
      for (const { at, schema } of schemasOf(document)) {
        const visibility = schema['x-ms-visibility']
        if (visibility === undefined) continue
        if (!['important', 'advanced', 'internal'].includes(say(visibility))) yield [at, `"${say(visibility)}" is no visibility`]
        const required = schema['required'] === true || requiredBelow.includes(at)
        // The host itself fills in where it is called back.
        const isFilledIn = 'default' in schema || schema['x-ms-notification-url'] === true
        if (visibility === 'internal' && required !== isFilledIn) yield [at, 'is internal: required and with a default, or neither']
      }
    },
  },
  {
    id: 'body',
    source: sources.validator,
    *check(document) {
      for (const { at, method, parameters } of operationsOf(document)) {
        const bodies = parameters.filter((p) => p['in'] === 'body')
        if (bodies.length > 0 && (method === 'get' || method === 'head')) yield [at, 'reads, and has a body']
        // The name is part of the contract: saved steps key their inputs body/title.
        for (const body of bodies) if (body['name'] !== 'body') yield [at, `calls its body "${say(body['name'])}"`]
        const count = bodyProperties(document, parameters).length
        if (count > SCHEMAS_PER_BODY_MAX) yield [at, `has ${count} schemas in its body`]
      }
    },
  },
  {
    id: 'parameter-name',
    source: sources.validator,
    *check(document) {
      for (const { at, parameters } of operationsOf(document)) {
        const inBody = bodyProperties(document, parameters).map(([reference]) => reference)
        for (const { name, in: place } of parameters.filter((p) => p['in'] !== 'body')) {
          if (name === 'connectionId') yield [at, 'has a parameter connectionId, which hosts add themselves']
          if (place === 'header' && say(name).toLowerCase() === 'authorization') yield [at, 'has a header Authorization, which is reserved']
          if (inBody.some((reference) => reference === name || reference.endsWith(`/${say(name)}`)))
            yield [at, `"${say(name)}" is both a parameter and a property of the body`]
        }
      }
    },
  },
  {
    id: 'success-response',
    source: sources.validator,
    check: (document) =>
      operationsOf(document)
        .filter(({ responses }) => !responses.some(([status]) => /^2\d\d$/.test(status)))
        .map(({ at }): LintProblem => [at, 'does not say what a success is']),
  },
  {
    id: 'one-answer',
    source: sources.validator,
    *check(document) {
      for (const { at, method, item, responses } of operationsOf(document)) {
        const withSchema = responses.filter(([, response]) => isObject(response['schema'])).map(([status]) => status)
        const answers = withSchema.filter((status) => status !== 'default')
        // A webhook says what it sends elsewhere, and ending one answers nothing.
        const mayBeEmpty = method === 'delete' || item['x-ms-notification-content'] !== undefined
        if (answers.length > 1 || (answers.length === 0 && !mayBeEmpty))
          yield [at, `has ${answers.length} responses with a schema, not one`]
        if (answers.some((status) => status !== '200' && status !== '201')) yield [at, 'has a schema elsewhere than at 200 or 201']
        if (withSchema.includes('default')) yield [at, 'has a default response with a schema']
      }
    },
  },
]
