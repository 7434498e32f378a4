import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expressionsIn, partsOf } from '../host/expressions.ts'
import { createHost, type Field, type Json, type Step } from '../host/host.ts'

export const flowsFolder = join(import.meta.dirname, '../../examples/flows')
export const read = (path: string): string => readFileSync(join(flowsFolder, path), 'utf8')
const list = (folder: string): string[] => readdirSync(join(flowsFolder, folder)).map((name) => `${folder}/${name}`)

export const logicAppFiles = list('logic-apps')
export const powerAutomateFiles = list('power-automate/Workflows')

/** A FlowStep is a step of a sample: the trigger, or an action. Inputs are named as Power Automate does, `body/title`. */
export interface FlowStep {
  name: string
  node: Json
  isTrigger: boolean
  runAfter: string[]
  /** Of a step that calls the connector; what cannot be found is told by its method and path. */
  operationId?: string
  inputs: Record<string, unknown>
}

/** A SampleFlow is one workflow definition of one host. */
export interface SampleFlow {
  definition: Json
  steps: FlowStep[]
}

const dig = (json: unknown, ...path: string[]): Json => path.reduce((found, key) => found[key] as Json, json as Json)

/** The flow in the text of a file: an ARM template, or a workflow of a solution. */
export function sampleFlow(text: string, api: Json): SampleFlow {
  const json = JSON.parse(text) as { resources?: Json[]; properties?: Json }
  const workflow = json.resources?.find(({ type }) => type === 'Microsoft.Logic/workflows') ?? json
  const definition = dig(workflow, 'properties', 'definition')
  const operations = operationsOf(api)
  const steps = ['triggers', 'actions'].flatMap((part) =>
    Object.entries(definition[part] as Record<string, Json>).map(([name, node]): FlowStep => ({
      name,
      node,
      isTrigger: part === 'triggers',
      runAfter: Object.keys((node['runAfter'] as object | undefined) ?? {}),
      ...callOf(node, operations),
    })),
  )
  return { definition, steps }
}

/** Nothing is sent: this is what the definition says. */
const operationsOf = (api: Json): readonly Step[] => createHost(api, '', () => Promise.reject(new Error('Nothing is sent.'))).steps

function callOf(node: Json, operations: readonly Step[]): Pick<FlowStep, 'operationId' | 'inputs'> {
  const inputs = node['inputs'] as Json
  if (node['type'] === 'OpenApiConnection')
    return { operationId: String(dig(inputs, 'host')['operationId']), inputs: inputs['parameters'] as Json }
  if (node['type'] !== 'ApiConnection') return { inputs: {} }
  const [method, path] = [String(inputs['method']).toUpperCase(), String(inputs['path'])]
  for (const { id, method: known, path: template } of operations) {
    const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
    const pattern = template.replaceAll(/\{\w+\}/g, '@\\{encodeURIComponent\\((.+?)\\)\\}')
    const found = known === method && new RegExp(`^${pattern}$`).exec(path)
    if (!found) continue
    return {
      operationId: id,
      inputs: {
        ...Object.fromEntries(names.map((name, at) => [name, `@${found[at + 1]}`])),
        ...(inputs['queries'] as Json | undefined),
        ...Object.fromEntries(Object.entries((inputs['body'] as Json | undefined) ?? {}).map(([key, value]) => [`body/${key}`, value])),
      },
    }
  }
  return { operationId: `${method} ${path}`, inputs: {} }
}

const SECONDS: Record<string, number> = { Second: 1, Minute: 60, Hour: 3_600, Day: 86_400 }
/** The contract lets a trigger ask once in this time. */
const POLL_EVERY_SECONDS = 120

/** What in a flow is not so in the definition of the connector, one sentence for each. */
export function mistakesOf({ steps }: SampleFlow, api: Json): string[] {
  const operations = operationsOf(api)
  const operationOf = ({ operationId }: FlowStep): Step | undefined => operations.find(({ id }) => id === operationId)
  const resolve = (schema: Json): Json =>
    typeof schema['$ref'] === 'string' ? (dig(api, 'definitions')[schema['$ref'].split('/').at(-1)!] as Json) : schema
  const trigger = steps.find(({ isTrigger }) => isTrigger)!

  /** What a step answers; of a trigger that is split, one row. */
  const answerOf = (step: FlowStep): Json | undefined => {
    const operation = operationOf(step)
    if (!operation) return step.operationId === undefined ? (dig(step.node, 'inputs')['schema'] as Json | undefined) : undefined
    const answer = resolve(dig(operation.operation, 'responses', '200', 'schema'))
    return step.isTrigger && step.node['splitOn'] === '@triggerBody()' && answer['items'] ? resolve(answer['items'] as Json) : answer
  }
  const before = (step: FlowStep): string[] =>
    steps.filter(({ name, isTrigger }) => !isTrigger && step.runAfter.includes(name)).flatMap((one) => [one.name, ...before(one)])
  /** The property that a reference leads to, or why it leads nowhere. */
  const target = (step: FlowStep, expression: ReturnType<typeof expressionsIn>[number]): Json | string | undefined => {
    if (!('call' in expression) || !['triggerBody', 'body'].includes(expression.call)) return undefined
    const named = expression.args[0] && 'literal' in expression.args[0] ? String(expression.args[0].literal) : undefined
    if (named !== undefined && !before(step).includes(named)) return `asks for the answer of ${named}, which does not run before it`
    let at = answerOf(named === undefined ? trigger : steps.find(({ name, isTrigger }) => name === named && !isTrigger)!)
    for (const key of expression.path) {
      const properties = at && (resolve(at)['properties'] as Record<string, Json> | undefined)
      if (!properties?.[key]) return `asks for ${expression.path.join('/')}, which ${named ?? 'the trigger'} does not answer`
      at = { ...properties[key], 'x-nullable': at?.['x-nullable'] === true || properties[key]['x-nullable'] === true }
    }
    return at
  }
  const typeOf = (step: FlowStep, value: unknown): string => {
    if (typeof value !== 'string') return Number.isInteger(value) ? 'integer' : typeof value
    const { whole, parts } = partsOf(value)
    const found = whole ? target(step, parts[0] as ReturnType<typeof expressionsIn>[number]) : undefined
    return typeof found === 'object' ? String(found['type']) : 'string'
  }
  const mayBeNull = (step: FlowStep, value: unknown): boolean => {
    const { whole, parts } = typeof value === 'string' ? partsOf(value) : { whole: false, parts: [] }
    const found = whole ? target(step, parts[0] as ReturnType<typeof expressionsIn>[number]) : undefined
    return typeof found === 'object' && found['x-nullable'] === true
  }

  const ofCall = (step: FlowStep): string[] => {
    if (step.operationId === undefined) return []
    const operation = operationOf(step)
    if (!operation) return [`calls ${step.operationId}, which is not there`]
    const key = (field: Field) => (field.in === 'body' ? `body/${field.name}` : field.name)
    const fields = new Map(operation.fields.map((field) => [key(field), field]))
    return [
      ...(operation.operation['deprecated'] === true ? [`calls ${operation.id}, which is deprecated`] : []),
      ...(step.isTrigger === (operation.operation['x-ms-trigger'] !== undefined) ? [] : [`calls ${operation.id} in the wrong place`]),
      ...[...fields].filter(([name, { required }]) => required && step.inputs[name] === undefined).map(([name]) => `does not give ${name}`),
      ...Object.entries(step.inputs).flatMap(([name, value]) => {
        const field = fields.get(name)
        if (!field) return [`gives ${name}, which ${operation.id} does not have`]
        const [type, words] = [typeOf(step, value), field.schema['enum'] as unknown[] | undefined]
        if (type !== field.schema['type']) return [`gives ${name} as ${type}, not as ${String(field.schema['type'])}`]
        if (field.required && mayBeNull(step, value)) return [`gives ${name} what can be null`]
        return words && partsOf(String(value)).parts.every((part) => typeof part === 'string') && !words.includes(value)
          ? [`gives ${name} a word that is none of its own`]
          : []
      }),
    ]
  }
  const ofTrigger = (step: FlowStep): string[] => {
    const operation = operationOf(step)
    if (!step.isTrigger || !operation) return []
    const { recurrence, splitOn } = step.node as { recurrence?: { frequency: string; interval: number }; splitOn?: string }
    const every = recurrence ? (SECONDS[recurrence.frequency] ?? 0) * recurrence.interval : 0
    const answer = resolve(dig(operation.operation, 'responses', '200', 'schema'))
    const [split] = splitOn === undefined ? [] : expressionsIn(splitOn)
    const isRoot = split !== undefined && 'call' in split && split.call === 'triggerBody' && split.path.length === 0
    return [
      ...(every < POLL_EVERY_SECONDS ? [`polls every ${every} s`] : []),
      ...(operation.operation['x-ms-trigger'] === 'batch' && !(isRoot && answer['type'] === 'array')
        ? [`splits ${splitOn}, which is no list`]
        : []),
    ]
  }
  return steps.flatMap((step) =>
    [
      ...step.runAfter.filter((name) => !steps.some((one) => one.name === name && !one.isTrigger)).map((name) => `runs after ${name}`),
      ...ofCall(step),
      ...ofTrigger(step),
      ...expressionsIn(step.node['inputs']).flatMap((expression) => {
        const found = target(step, expression)
        return typeof found === 'string' ? [found] : []
      }),
    ].map((mistake) => `${step.name} ${mistake}`),
  )
}
