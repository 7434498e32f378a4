import { sources, type LintProblem, type LintRule } from './rule.ts'
import { entries, isObject, objects, operationsOf, strings, say } from './walk.ts'

/** 256 operations, and less than 1 MB of definition. */
const OPERATIONS_MAX = 256
const DEFINITION_BYTES_MAX = 1_000_000
const CONSUMES = ['application/json', 'text/plain', 'multipart/form-data', 'application/x-www-form-urlencoded']

const template = (path: string) => path.toLowerCase().replace(/\{[^}]*\}/g, '{}')
const segments = (path: string) => path.toLowerCase().split('/')
const isParameter = (segment: string) => segment.startsWith('{')
/** One path could be taken for the other: `/deals/search` for `/deals/{id}`. */
const mayBeTakenFor = (a: string, b: string) => {
  const [left, right] = [segments(a), segments(b)]
  return left.length === right.length && left.every((part, at) => part === right[at] || isParameter(part) || isParameter(right[at]!))
}
const pairs = <T>(list: readonly T[]): [T, T][] => list.flatMap((a, at) => list.slice(at + 1).map((b): [T, T] => [a, b]))
const twice = (list: readonly string[]) => list.filter((value, at) => list.indexOf(value) !== at)

/** What paths, operations and the definition as a whole must be like. */
export const structureRules: readonly LintRule[] = [
  {
    id: 'path-unique',
    source: sources.validator,
    check: (document) =>
      pairs(entries(document['paths']).map(([path]) => path))
        .filter(([a, b]) => template(a) === template(b))
        .map(([a, b]): LintProblem => [b, `cannot be told from ${a}`]),
  },
  {
    id: 'path-distinct',
    source: sources.validator,
    check: (document) =>
      pairs(operationsOf(document))
        .filter(([a, b]) => a.method === b.method && template(a.path) !== template(b.path) && mayBeTakenFor(a.path, b.path))
        .map(([a, b]): LintProblem => [b.at, `its path may be taken for that of ${a.at}`]),
  },
  {
    id: 'path-characters',
    source: sources.validator,
    check: (document) =>
      entries(document['paths'])
        .filter(([path]) => /[*=]/.test(path))
        .map(([path]): LintProblem => [path, 'holds "*" or "="']),
  },
  {
    id: 'path-parameter',
    source: sources.validator,
    *check(document) {
      for (const { at, path, parameters } of operationsOf(document)) {
        const inPath = parameters.filter((p) => p['in'] === 'path')
        for (const name of path.match(/(?<=\{)[^}]*/g) ?? [])
          if (!inPath.some((p) => p['name'] === name)) yield [at, `{${name}} is not declared`]
        for (const p of inPath) {
          if (!path.includes(`{${say(p['name'])}}`)) yield [at, `"${say(p['name'])}" is not in the path`]
          if (p['required'] !== true) yield [at, `"${say(p['name'])}" must be required`]
          if (p['x-ms-url-encoding'] !== 'single' && p['x-ms-url-encoding'] !== 'double')
            yield [at, `"${say(p['name'])}" does not say how it is encoded (PathParameterMissingEncoding)`]
        }
      }
    },
  },
  {
    id: 'operation-id',
    source: sources.validator,
    *check(document) {
      const all = operationsOf(document)
      for (const { at, operation } of all)
        if (!/^[A-Za-z0-9]+$/.test(say(operation['operationId'] ?? ''))) yield [at, 'needs an operationId of letters and digits']
      for (const id of twice(all.map(({ at }) => at))) yield [id, 'is used twice']
    },
  },
  {
    id: 'operation-id-case',
    source: sources.standards,
    check: (document) =>
      operationsOf(document)
        .filter(({ operation }) => !/^([A-Z][a-z0-9]*)+$/.test(say(operation['operationId'])))
        .map(({ at }): LintProblem => [at, 'is not PascalCase']),
  },
  {
    id: 'operations-count',
    source: sources.limits,
    check: (document) => (operationsOf(document).length > OPERATIONS_MAX ? [['paths', `more than ${OPERATIONS_MAX} operations`]] : []),
  },
  {
    id: 'definition-size',
    source: sources.limits,
    check: (document) =>
      Buffer.byteLength(JSON.stringify(document)) >= DEFINITION_BYTES_MAX
        ? [['definition', `is ${DEFINITION_BYTES_MAX} bytes or more`]]
        : [],
  },
  {
    id: 'media-type',
    source: sources.validator,
    check: (document) =>
      [{ at: 'definition', operation: document }, ...operationsOf(document)].flatMap(({ at, operation }) =>
        strings(operation['consumes'])
          .filter((type) => !CONSUMES.includes(type))
          .map((type): LintProblem => [at, `consumes ${type}`]),
      ),
  },
  {
    id: 'one-security',
    source: sources.standards,
    *check(document) {
      const defined = entries(document['securityDefinitions']).map(([name]) => name)
      const used = objects(document['security']).flatMap((requirement) => Object.keys(requirement))
      if (defined.length !== 1 || used.length !== 1 || defined[0] !== used[0])
        yield ['security', 'takes exactly one kind of authentication, defined and required']
    },
  },
  {
    id: 'annotation',
    source: sources.versioning,
    *check(document) {
      const all = operationsOf(document)
      const active = new Map<unknown, number>()
      for (const { at, operation } of all) {
        const annotation = operation['x-ms-api-annotation']
        if (!isObject(annotation)) continue
        const { family, revision, replacement } = annotation
        if (typeof family !== 'string' || typeof revision !== 'number') yield [at, 'its annotation needs a family and a revision']
        if (typeof revision === 'number' && revision > 1 && !at.endsWith(`V${revision}`))
          yield [at, `revision ${revision} does not show in its id`]
        if (isObject(replacement)) {
          if (operation['deprecated'] !== true) yield [at, 'is replaced, but not deprecated']
          if (!all.some((o) => o.at === replacement['operationId'])) yield [at, 'is replaced by an operation that is not here']
        }
        if (operation['deprecated'] !== true) active.set(family, (active.get(family) ?? 0) + 1)
      }
      for (const [family, count] of active) if (count > 2) yield [say(family), `${count} operations of the family are active`]
    },
  },
  {
    id: 'known-extension',
    source: sources.schema,
    check: function* find(value: unknown, at = 'definition'): Iterable<LintProblem> {
      if (Array.isArray(value)) for (const item of value) yield* find(item, at)
      if (!isObject(value)) return
      for (const [key, below] of Object.entries(value)) {
        if (key.startsWith('x-ms-') && !EXTENSIONS.has(key)) yield [at, `${key} is no extension of Microsoft's`]
        yield* find(below, key)
      }
    },
  },
  {
    id: 'test-connection',
    source: sources.extensions,
    *check(document) {
      const capabilities = document['x-ms-capabilities']
      const test = isObject(capabilities) ? capabilities['testConnection'] : undefined
      if (!isObject(test)) return
      const operation = operationsOf(document).find(({ at }) => at === test['operationId'])
      if (!operation) yield ['testConnection', 'names an operation that is not here']
      else if (operation.method !== 'get' || operation.parameters.some((p) => p['required'] === true))
        yield ['testConnection', 'names an operation that cannot be called without parameters']
    },
  },
]

/** The extensions that Microsoft's schema knows; anything else with this prefix is refused there. */
const EXTENSIONS = new Set(
  `api-annotation capabilities connector-metadata deployment-version docs dynamic-list dynamic-properties dynamic-schema dynamic-tree dynamic-values
  enum enum-values localizeDefaultValue media-kind no-generic-test notification notification-content notification-url operation-context pageable
  parameter-location safe-operation skip-url-encoding summary test-value trigger trigger-hint trigger-metadata trigger-value url-encoding visibility`
    .split(/\s+/)
    .map((name) => `x-ms-${name}`),
)
