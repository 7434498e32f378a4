import { azureId, isAzure, lastName, resembles, shortName } from './api-name.ts'
import { classifyStep } from './classify-step.ts'
import { evaluate, textOf, UNKNOWN, type ScopedValue, type Scope } from './expression.ts'
import { findSteps, referenceOf } from './find-steps.ts'
import { at, childrenOf, editString, forEachString, stringAt, type JsonNode, type JsonString } from './json-text.ts'
import { offered } from './offered.ts'
import { addEdit, emptyPlan, keepMentions, sortSteps, type Candidate, type ConnectorExchange, type MigrationPlan } from './plan.ts'
import { isType, resourcesOf, templateScope } from './template.ts'
import type { TextFile } from './text-file.ts'

/** Names of connections in a template are expressions, so the file does not show which workflow uses which: all are migrated, or none. */
const WHOLE_TEMPLATE = 'template'

const MANAGED_TYPE = 'Microsoft.Web/locations/managedApis'
const CUSTOM_TYPE = 'Microsoft.Web/customApis'

/** Whether it is a template, or a Logic App as its code view, the portal's JSON view, `az` or PowerShell show it. */
export const isTemplate = (json: JsonNode): boolean => at(json, 'resources') !== undefined
export const isLogicApp = (json: JsonNode): boolean => isTemplate(json) || at(bareWorkflow(json), 'definition')?.kind === 'object'

/** The object that contains the definition. PowerShell writes `Properties`. */
const bareWorkflow = (json: JsonNode): JsonNode => at(json, 'properties') ?? at(json, 'Properties') ?? json

/** Ids are the places that identify the connector, with the connection of each. */
type Ids = Map<JsonString, string | undefined>

export function planLogicApp(file: TextFile, { from, to }: ConnectorExchange): MigrationPlan {
  const json = file.json()
  const plan = emptyPlan()
  const resembling = resembles(from)
  const resources = isTemplate(json) ? resourcesOf(json) : []
  const workflows: ScopedValue[] = isTemplate(json)
    ? resources
        .filter((one) => isType(one, 'Microsoft.Logic/workflows', at(one.resource, 'properties', 'definition') !== undefined))
        .map(({ resource, scope }) => ({ node: at(resource, 'properties') ?? resource, scope }))
    : [{ node: bareWorkflow(json), scope: templateScope(json) }]
  const connections = resources
    .filter((one) => isType(one, 'Microsoft.Web/connections', at(one.resource, 'properties', 'api') !== undefined))
    .map(({ resource, scope }) => ({ resource, api: at(resource, 'properties', 'api'), scope }))

  const ids: Ids = new Map()
  const hosts: JsonNode[] = []
  let isMentioned = false
  forEachString(json, (_, { value }) => (isMentioned ||= resembling(value)))
  const keep = (step: string, reason: string): Candidate => ({ file: file.name, step, connection: undefined, reason })
  const isOurs = (api: JsonNode | undefined, scope: Scope): { id?: JsonString | undefined; ours: boolean | undefined } => {
    const id = textOf(api, scope)
    return { id: id?.origin, ours: id && isAzure({ raw: id.origin?.value ?? '', text: id.text }, from) }
  }

  const candidates = workflows.flatMap(({ node: workflow, scope }): Candidate[] => {
    const known = new Map<string, boolean | undefined>()
    const unread = new Map<string, Candidate>()
    for (const [key, reference, place] of connectionsOf(json, workflow, scope)) {
      const { id, ours } = isOurs(at(reference, 'id'), place)
      known.set(key, known.get(key) === true || ours)
      if (ours === true && id) ids.set(id, textOf(at(reference, 'connectionId'), place)?.origin?.value)
      if (ours === undefined && isNamed(reference, key, resembling)) unread.set(key, keep(`the connection ${key}`, UNKNOWN_CONNECTION))
    }
    const definition = resolve(at(workflow, 'definition'), scope)
    const found = findSteps(definition?.node).flatMap((step): Candidate[] => {
      const text = step.connection === undefined ? undefined : textAs(step.connection, definition!.scope, step.host)
      const read = { ...step, reference: step.reference ?? referenceOf(text) }
      const context = { connections: known, resembles: resembling, isMentioned, unknownConnection: () => UNKNOWN_CONNECTION }
      const stepClass = classifyStep(read, context)
      if (stepClass === 'on another') return []
      hosts.push(step.host)
      unread.delete(read.reference ?? '')
      if (stepClass !== 'on it') return [keep(step.name, stepClass.unreadable)]
      return [{ file: file.name, step: step.name, connection: WHOLE_TEMPLATE, ...offered(step) }]
    })
    if (definition?.node.kind !== 'object' && isMentioned && [...known.values()].some((ours) => ours !== false))
      found.push(keep('the whole workflow', 'only the deployment knows its definition. Give the parameter a default value'))
    return [...found, ...unread.values()]
  })
  const deployed = connections.map(({ resource, api, scope }) => ({ resource, api, ...isOurs(at(api, 'id'), scope) }))
  for (const { resource, ours } of deployed)
    if (ours === undefined && isNamed(resource, '', resembling))
      candidates.push(keep(`the API connection ${stringAt(resource, 'name')?.value ?? ''}`.trim(), UNKNOWN_CONNECTION))

  const going = sortSteps(plan, candidates)
  if (going.size === 0) {
    for (const { resource, ours } of candidates.length === 0 ? deployed : [])
      if (ours === true)
        plan.kept.push({ file: file.name, step: `the API connection ${stringAt(resource, 'name')?.value ?? ''}`.trim(), reason: NO_STEP })
    return plan
  }

  const change = (node: JsonString | undefined, after: string): void => {
    if (node) addEdit(plan, file.name, editString(file.text, node, after))
  }
  for (const { api, id, ours } of deployed) {
    if (ours !== true || !id) continue
    ids.set(id, ids.get(id))
    const [name, type] = [stringAt(api, 'name'), stringAt(api, 'type')]
    if (name && isName(name.value, from)) change(name, lastName(to))
    if (type) change(type, /managedApis/i.test(to) ? MANAGED_TYPE : CUSTOM_TYPE)
  }
  for (const [id, connectionId] of ids) change(id, azureId(to, { isTemplate: isTemplate(json), connectionId }))
  plan.notes.push(
    deployed.some(({ ours }) => ours === true)
      ? 'The connection is deployed under the name that it has in the template. Where one of that name exists, give it another name: it belongs to the old connector.'
      : 'The Logic App names its connections by their ids: make one of the new connector in the same resource group, and put its id and name where the old ones are.',
  )
  keepMentions(plan, file.name, json, from, hosts)
  return plan
}

const UNKNOWN_CONNECTION = 'the template does not say which connector its connection is of. Give the parameter a default value'
const NO_STEP = 'no workflow in the file uses this connection. Give the template that has the workflow too'

/** `pipedrive`, and the designer's names for a second connection: `pipedrive-1`, `pipedrive_1`. */
const isName = (key: string, from: string): boolean => key.toLowerCase().replace(/[-_]\d+$/, '') === shortName(from).toLowerCase()

function isNamed(node: JsonNode, key: string, resembling: (text: string) => boolean): boolean {
  let found = resembling(key)
  forEachString(node, (_, { value }) => (found ||= resembling(value)))
  return found
}

/** The connections of a workflow: beside its definition, as in the code view, or as defaults in it. */
function connectionsOf(json: JsonNode, workflow: JsonNode, scope: Scope): [key: string, reference: JsonNode, scope: Scope][] {
  const definition = resolve(at(workflow, 'definition'), scope)
  return [
    ...[workflow, json].map((node) => ({ node: at(node, '$connections', 'value') ?? at(node, '$connections'), scope })),
    { node: at(workflow, 'parameters', '$connections', 'value') ?? at(workflow, 'parameters', '$connections', 'Value'), scope },
    { node: at(definition?.node, 'parameters', '$connections', 'defaultValue'), scope: definition?.scope ?? scope },
  ].flatMap(({ node, scope: place }) => {
    const found = resolve(node, place)
    return found === undefined
      ? []
      : childrenOf(found.node).flatMap(([key, reference]) => {
          const value = resolve(reference, found.scope)
          return value === undefined ? [] : [[key, value.node, value.scope] as [string, JsonNode, Scope]]
        })
  })
}

/** The object that `[parameters('x')]` or `[variables('x')]` refers to; undefined if only the deployment knows it. */
function resolve(node: JsonNode | undefined, scope: Scope): ScopedValue | undefined {
  if (node === undefined) return undefined
  const evaluated = evaluate({ node, scope })
  return 'text' in evaluated ? undefined : evaluated
}

/** The text of a step that is written as an expression of the template. */
function textAs(text: string, scope: Scope, { start, end }: JsonNode): string | undefined {
  if (!text.startsWith('[')) return undefined
  const read = textOf({ kind: 'string', start, end, value: text }, scope)?.text
  return read?.includes(UNKNOWN) ? undefined : read
}
