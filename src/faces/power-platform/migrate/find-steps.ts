import { at, membersOf, stringAt, type JsonNode, type JsonString } from './json-text.ts'

/** A Step is one action or trigger of a flow that calls a connector. */
export interface Step {
  /** With the scopes and branches that it lies in: `Scope › Condition › Add_deal`. */
  name: string
  /** The key of the connection in the flow. */
  reference?: string | undefined
  apiId?: JsonString | undefined
  operationId?: string | undefined
  method?: string | undefined
  path?: string | undefined
  /** The address that very old flows call, which is of one connector alone. */
  runtimeUrl?: string | undefined
}

/** All of them, however deep, in the order of the file. */
export function findSteps(definition: JsonNode | undefined): Step[] {
  return ['triggers', 'actions'].flatMap((part) => membersOf(at(definition, part)).flatMap(([name, node]) => stepsOf(node, name)))
}

function stepsOf(node: JsonNode, name: string): Step[] {
  return [...ownStep(node, name), ...nestedSteps(node, name)]
}

/** What holds branches by names that people give, which may be `actions` or `inputs`. */
const NAMED_BRANCHES = ['cases', 'tools']

/** Scopes, loops and branches all keep their steps under `actions`, some a level or two down: `else`, `cases`, `default`, `tools`. */
function nestedSteps(node: JsonNode, name: string): Step[] {
  return membersOf(node).flatMap(([key, value]) => {
    if (key === 'inputs') return []
    if (key === 'actions') return membersOf(value).flatMap(([child, step]) => stepsOf(step, `${name} › ${child}`))
    if (NAMED_BRANCHES.includes(key)) return membersOf(value).flatMap(([, branch]) => nestedSteps(branch, name))
    return nestedSteps(value, name)
  })
}

function ownStep(node: JsonNode, name: string): Step[] {
  const host = at(node, 'inputs', 'host')
  if (host?.kind !== 'object') return []
  const text = (...path: string[]) => stringAt(host, ...path)?.value
  return [
    {
      name,
      reference: text('connectionName') ?? text('connection', 'referenceName') ?? referenceOf(text('connection', 'name')),
      apiId: stringAt(host, 'apiId'),
      operationId: text('operationId'),
      method: stringAt(node, 'inputs', 'method')?.value,
      path: stringAt(node, 'inputs', 'path')?.value,
      runtimeUrl: text('api', 'runtimeUrl'),
    },
  ]
}

/** `@parameters('$connections')['pipedrive']['connectionId']` → pipedrive */
function referenceOf(expression: string | undefined): string | undefined {
  return /^@\{?\s*parameters\('\$connections'\)\??\['((?:[^']|'')+)'\]/i.exec(expression ?? '')?.[1]?.replaceAll("''", "'")
}
