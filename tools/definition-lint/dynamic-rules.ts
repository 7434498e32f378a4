import { sources, type JsonValue, type LintProblem, type LintRule } from './rule.ts'
import { bodyProperties, entries, isObject, operationsOf, resolved, type PlacedOperation, say } from './walk.ts'

/** A Call is what fills a list: an operation, its parameters, and where in the answer the rows, values and titles lie. */
interface DynamicCall {
  at: string
  extension: string
  caller: PlacedOperation
  operationId: unknown
  parameters: [string, JsonValue][]
  rows: unknown
  cells: unknown[]
}

const place = (at: string, reference: string) => `${at}.${reference.replaceAll('/', '.')}`

/** Every field of a caller with the name by which others refer to it. */
const fieldsOf = (document: JsonValue, { parameters }: PlacedOperation): [string, JsonValue][] => [
  ...parameters.filter((p) => p['in'] !== 'body').map((p): [string, JsonValue] => [say(p['name']), p]),
  ...bodyProperties(document, parameters),
]

function callsOf(document: JsonValue): DynamicCall[] {
  return operationsOf(document).flatMap((caller) =>
    fieldsOf(document, caller).flatMap(([reference, field]) => {
      const at = place(caller.at, reference)
      const { 'x-ms-dynamic-values': values, 'x-ms-dynamic-list': list } = field
      const common = (extension: string, of: JsonValue) => ({
        at,
        extension,
        caller,
        operationId: of['operationId'],
        parameters: entries(of['parameters']),
      })
      return [
        ...(isObject(values)
          ? [
              {
                ...common('x-ms-dynamic-values', values),
                rows: values['value-collection'],
                cells: [values['value-path'], values['value-title']],
              },
            ]
          : []),
        ...(isObject(list)
          ? [{ ...common('x-ms-dynamic-list', list), rows: list['itemsPath'], cells: [list['itemValuePath'], list['itemTitlePath']] }]
          : []),
      ]
    }),
  )
}

const targetOf = (document: JsonValue, { operationId }: DynamicCall) => operationsOf(document).find(({ at }) => at === operationId)

/** What lies at a path of an answer, `a/b`; the answer itself without one. */
function inAnswer(document: JsonValue, operation: PlacedOperation, path: unknown): JsonValue {
  const answer = operation.responses.find(([status]) => status === '200' || status === '201')?.[1]['schema']
  const steps = typeof path === 'string' && path !== '' ? path.split('/') : []
  return steps.reduce<JsonValue>(
    (schema, step) => {
      const properties = schema['properties']
      const next = isObject(properties) ? properties[step] : undefined
      return isObject(next) ? resolved(document, next) : {}
    },
    isObject(answer) ? resolved(document, answer) : {},
  )
}

/** The field of the caller that a parameter is taken from, by name or reference; a literal is taken from none. */
function taken(document: JsonValue, call: DynamicCall, given: JsonValue): JsonValue | 'nothing' | undefined {
  const reference = given['parameterReference'] ?? given['parameter']
  if (reference === undefined) return 'nothing'
  const fields = fieldsOf(document, call.caller)
  const found = fields.find(([name]) => name === reference)
  // The older extension has no way to point into a body: it names the property alone.
  return (found ?? (given['parameter'] !== undefined ? fields.find(([name]) => name === `body/${say(reference)}`) : undefined))?.[1]
}

/** What drop-downs must be like: what they call has to exist, and to answer what they point at. */
export const dynamicRules: readonly LintRule[] = [
  {
    id: 'dynamic-operation',
    source: sources.validator,
    check: (document) =>
      callsOf(document)
        .filter((call) => !targetOf(document, call))
        .map(({ at, extension, operationId }): LintProblem => [at, `${extension} calls "${say(operationId)}", which is not here`]),
  },
  {
    id: 'dynamic-answer',
    source: sources.validator,
    *check(document) {
      for (const call of callsOf(document)) {
        const target = targetOf(document, call)
        if (!target) continue
        const rows = inAnswer(document, target, call.rows)
        const row = isObject(rows['items']) ? resolved(document, rows['items']) : undefined
        if (rows['type'] !== 'array' || !row) yield [call.at, `${call.extension}: no array at "${say(call.rows)}" of the answer`]
        else
          for (const cell of call.cells)
            if (!isObject(row['properties']) || !(say(cell) in row['properties']))
              yield [call.at, `${call.extension}: the rows have no "${say(cell)}"`]
      }
    },
  },
  {
    id: 'dynamic-parameters',
    source: sources.validator,
    *check(document) {
      for (const call of callsOf(document)) {
        const target = targetOf(document, call)
        if (!target) continue
        const known = fieldsOf(document, target)
        for (const [name, given] of call.parameters) {
          const wanted = known.find(([key]) => key === name)?.[1]
          const source = taken(document, call, given)
          if (!wanted) yield [call.at, `${call.extension}: ${target.at} has no parameter "${name}"`]
          else if (source === undefined) yield [call.at, `${call.extension}: "${name}" is taken from a field that is not here`]
          else if (source !== 'nothing' && source['type'] !== wanted['type'])
            yield [call.at, `${call.extension}: "${name}" is of another type than what it is taken from (OperationParameterTypeMismatch)`]
        }
        for (const [name, field] of known)
          if (field['required'] === true && !call.parameters.some(([key]) => key === name))
            yield [call.at, `${call.extension}: "${name}" of ${target.at} is required and not given`]
      }
    },
  },
  {
    id: 'dynamic-list',
    source: sources.validator,
    *check(document) {
      const calls = callsOf(document)
      const key = ({ at, caller }: DynamicCall) => `${caller.at} ${at}`
      for (const call of calls.filter(({ extension }) => extension === 'x-ms-dynamic-values')) {
        const twin = calls.find((other) => other.extension === 'x-ms-dynamic-list' && key(other) === key(call))
        if (!twin) {
          const intoBody = call.parameters.some(([, given]) => {
            const source = taken(document, call, given)
            return isObject(source) && !('in' in source)
          })
          if (intoBody) yield [call.at, 'is narrowed by a field of the body, which takes x-ms-dynamic-list']
        } else if (twin.operationId !== call.operationId || twin.rows !== call.rows || say(twin.cells) !== say(call.cells))
          yield [call.at, 'offers another list in x-ms-dynamic-list than in x-ms-dynamic-values']
      }
    },
  },
]
