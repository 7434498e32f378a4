import { at, childrenOf, joinPath, membersOf, stringAt, type JsonNode, type JsonString } from './json-text.ts'

/** A FlowStep is one action or trigger of a flow that calls a connector. */
export interface FlowStep {
  /** With its scopes and branches: `Scope › Condition › Add_deal`. */
  name: string
  /** The key of the connection in the flow; undefined where the step does not name it in a form that can be read. */
  reference?: string | undefined
  /** The text that names the connection, expression or not. */
  connection?: string | undefined
  /** The places that identify its connector, connection and operation. */
  host: JsonNode
  apiId?: JsonString | undefined
  /** The name or id of the connector in its older form. */
  api?: string | undefined
  operationId?: string | undefined
  method?: string | undefined
  path?: string | undefined
  /** The address that very old flows call; it belongs to this one connector. */
  runtimeUrl?: string | undefined
}

/** All steps at every depth, in the order of the file. */
export function findSteps(definition: JsonNode | undefined): FlowStep[] {
  return ['triggers', 'actions'].flatMap((part) => stepsIn(at(definition, part), ''))
}

const stepsIn = (node: JsonNode | undefined, path: string): FlowStep[] =>
  node === undefined ? [] : childrenOf(node).flatMap(([name, step]) => stepsOf(step, joinPath(path, name, ' › ')))

function stepsOf(node: JsonNode, name: string): FlowStep[] {
  return [...ownStep(node, name), ...nestedSteps(node, name)]
}

/** Keys whose objects hold branches under names that people chose, which may be `actions` or `inputs`. */
const NAMED_BRANCHES = ['cases', 'tools']

/** Scopes, loops and branches all keep their steps under `actions`, some one or two levels down: `else`, `cases`, `default`, `tools`. */
function nestedSteps(node: JsonNode, name: string): FlowStep[] {
  return childrenOf(node).flatMap(([key, value]) => {
    if (key === 'inputs') return []
    if (key === 'actions') return stepsIn(value, name)
    if (NAMED_BRANCHES.includes(key)) return membersOf(value).flatMap(([, branch]) => nestedSteps(branch, name))
    return nestedSteps(value, name)
  })
}

/** A step whose inputs are an expression calls a connector too; its type shows that. */
const CONNECTOR_STEP = /^(?:OpenApi|Api)Connection/i

function ownStep(node: JsonNode, name: string): FlowStep[] {
  const host = at(node, 'inputs', 'host')
  if (host?.kind !== 'object')
    return CONNECTOR_STEP.test(stringAt(node, 'type')?.value ?? '') ? [{ name, host: host ?? at(node, 'inputs') ?? node }] : []
  const text = (...path: string[]) => stringAt(host, ...path)?.value
  const key = text('connectionName') ?? text('connectionReferenceName') ?? text('connection', 'referenceName')
  const connection = key ?? text('connection', 'name')
  return [
    {
      name,
      reference: key !== undefined && !/^[@[]/.test(key) ? key : referenceOf(connection),
      connection,
      host,
      apiId: stringAt(host, 'apiId'),
      api: text('api', 'id') ?? text('api', 'name'),
      operationId: text('operationId'),
      method: stringAt(node, 'inputs', 'method')?.value,
      path: stringAt(node, 'inputs', 'path')?.value,
      runtimeUrl: text('api', 'runtimeUrl'),
    },
  ]
}

/** No designer writes a longer expression. */
const LONGEST_EXPRESSION = 1_000
/** In flows that a Power App or a button starts, the call supplies the connections. */
const OF_CALLER = String.raw`json\(\s*decodeBase64\(\s*triggerOutputs\(\)\??(?:\.headers|\['headers'\])\??\['X-MS-APIM-Tokens'\]\s*\)\s*\)\??\['\$connections'\]`
const CONNECTION = new RegExp(
  String.raw`^@(?:\{\s*)?(?:parameters\(\s*'\$connections'\s*\)|${OF_CALLER})(?:\??\['((?:[^']|'')+)'\]|\??\.(\w+))(?:\??\['connectionId'\]|\??\.connectionId)\s*\}?$`,
  'i',
)

/** `@parameters('$connections')['pipedrive']['connectionId']` → pipedrive */
export function referenceOf(expression: string | undefined): string | undefined {
  if (expression === undefined || expression.length > LONGEST_EXPRESSION) return undefined
  const [, key, property] = CONNECTION.exec(expression) ?? []
  return key?.replaceAll("''", "'") ?? property
}
