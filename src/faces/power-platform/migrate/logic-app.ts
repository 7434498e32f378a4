import { azureId, isAzure, lastName } from './api-name.ts'
import { findSteps } from './find-steps.ts'
import { at, editString, membersOf, stringAt, type JsonNode, type JsonString } from './json-text.ts'
import { offered } from './offered.ts'
import { addEdit, emptyPlan, keepMentions, sortSteps, type Candidate, type Exchange, type Plan } from './plan.ts'
import type { TextFile } from './text-file.ts'

/** Connections of a template go by names that are expressions, so nobody can say which workflow uses which: all go over, or none. */
const WHOLE_TEMPLATE = 'template'

const MANAGED_TYPE = 'Microsoft.Web/locations/managedApis'
const CUSTOM_TYPE = 'Microsoft.Web/customApis'

/** Whether it is a template, or a Logic App as its code view shows it. */
export const isTemplate = (json: JsonNode): boolean => at(json, 'resources') !== undefined
export const isLogicApp = (json: JsonNode): boolean => isTemplate(json) || at(json, 'definition')?.kind === 'object'

export function planLogicApp(file: TextFile, { from, to }: Exchange): Plan {
  const json = file.json()
  const plan = emptyPlan()
  const resources = isTemplate(json) ? resourcesOf(json) : []
  const workflows = isTemplate(json)
    ? resources.filter((resource) => isType(resource, 'Microsoft.Logic/workflows')).map((resource) => at(resource, 'properties')!)
    : [json]
  const connections = resources
    .filter((resource) => isType(resource, 'Microsoft.Web/connections'))
    .map((resource) => at(resource, 'properties')!)

  const ids = new Map<JsonString, string | undefined>()
  const candidates: Candidate[] = []
  for (const workflow of workflows) {
    const references = new Map<string, string | undefined>()
    for (const [key, reference] of connectionsOf(json, workflow)) {
      const id = resolve(json, at(reference, 'id'))
      if (id?.kind === 'string' && isAzure(id.value, from)) {
        ids.set(id, stringAt(reference, 'connectionId')?.value)
        references.set(key, undefined)
      } else if (id === undefined && isNamed(key, from))
        references.set(key, 'the template does not say which connector its connection is of. Give the parameter a default value')
    }
    for (const step of findSteps(resolve(json, at(workflow, 'definition'))))
      if (references.has(step.reference ?? '')) {
        const obstacle = references.get(step.reference!)
        candidates.push({
          file: file.name,
          step: step.name,
          connection: WHOLE_TEMPLATE,
          ...(obstacle === undefined ? offered(step) : { reason: obstacle }),
        })
      }
  }
  if (sortSteps(plan, candidates).size === 0) return plan

  const change = (node: JsonString | undefined, after: string): void => {
    if (node) addEdit(plan, file.name, editString(file.text, node, after))
  }
  let deployed = false
  for (const connection of connections) {
    const id = resolve(json, at(connection, 'api', 'id'))
    if (id?.kind !== 'string' || !isAzure(id.value, from)) continue
    deployed = true
    ids.set(id, ids.get(id))
    const [name, type] = [stringAt(connection, 'api', 'name'), stringAt(connection, 'api', 'type')]
    if (name && isNamed(name.value, from)) change(name, lastName(to))
    if (type) change(type, /managedApis/i.test(to) ? MANAGED_TYPE : CUSTOM_TYPE)
  }
  for (const [id, connectionId] of ids) change(id, azureId(to, { isTemplate: isTemplate(json), connectionId }))
  plan.notes.push(
    deployed
      ? 'The connection is deployed under the name that it has in the template. Where one of that name exists, give it another name: it belongs to the old connector.'
      : 'The Logic App names its connections by their ids: make one of the new connector in the same resource group, and put its id and name where the old ones are.',
  )
  keepMentions(plan, file.name, json, from)
  return plan
}

const isType = (resource: JsonNode, type: string): boolean => stringAt(resource, 'type')?.value.toLowerCase() === type.toLowerCase()

/** `pipedrive`, and what the designer makes of it for a second connection: `pipedrive-1`, `pipedrive_1`. */
const isNamed = (key: string, from: string): boolean =>
  key.toLowerCase().replace(/[-_]\d+$/, '') ===
  lastName(from)
    .toLowerCase()
    .replace(/^shared_/, '')

/** All resources, nested ones and those of nested deployments too. A template of language version 2 has an object of them. */
function resourcesOf(node: JsonNode | undefined): JsonNode[] {
  const list = at(node, 'resources')
  const own = list?.kind === 'array' ? list.items : membersOf(list).map(([, resource]) => resource)
  return own.flatMap((resource) => [resource, ...resourcesOf(resource), ...resourcesOf(at(resource, 'properties', 'template'))])
}

const connectionsOf = (template: JsonNode, workflow: JsonNode): [string, JsonNode][] =>
  [at(workflow, 'parameters', '$connections', 'value'), at(workflow, 'definition', 'parameters', '$connections', 'defaultValue')].flatMap(
    (node) => membersOf(resolve(template, node)),
  )

/** What `[parameters('x')]` or `[variables('x')]` stands for; undefined where only the deployment knows. */
function resolve(template: JsonNode, node: JsonNode | undefined): JsonNode | undefined {
  const [, kind, name] = (node?.kind === 'string' && /^\[\s*(parameters|variables)\('([^']+)'\)\s*\]$/i.exec(node.value)) || []
  if (kind === undefined) return node
  return kind.toLowerCase() === 'variables' ? at(template, 'variables', name!) : at(template, 'parameters', name!, 'defaultValue')
}
