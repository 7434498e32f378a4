import { azureId, isAzure, resembles } from './api-name.ts'
import { classifyStep } from './classify-step.ts'
import { scopeOf, textOf, UNKNOWN, type Scope } from './expression.ts'
import { findSteps } from './find-steps.ts'
import { at, editString, forEachString, membersOf, stringAt, type JsonNode } from './json-text.ts'
import { offered } from './offered.ts'
import { addEdit, emptyPlan, keepMentions, sortSteps, type Candidate, type ConnectorExchange, type MigrationPlan } from './plan.ts'
import type { TextFile } from './text-file.ts'

export const CONNECTIONS_FILE = 'connections.json'
/** The values of `@parameters('…')` in connections.json. */
export const PARAMETERS_FILE = 'parameters.json'

export const isStandard = (names: readonly string[]): boolean => names.includes(CONNECTIONS_FILE)
export const isOfStandard = (name: string): boolean =>
  name === CONNECTIONS_FILE || name === PARAMETERS_FILE || /^[^/]+\/workflow\.json$/.test(name)
export const isConnections = (json: JsonNode): boolean => at(json, 'managedApiConnections')?.kind === 'object'
export const isStandardWorkflow = (json: JsonNode): boolean => /^Stateful$|^Stateless$|^Agentic$/i.test(stringAt(json, 'kind')?.value ?? '')

/** Steps name a connection by its key alone, so that connections.json is all that changes. `beside` are the other files of the project. */
export function planStandard(file: TextFile, beside: readonly TextFile[], { from, to }: ConnectorExchange): MigrationPlan {
  const plan = emptyPlan()
  const resembling = resembles(from)
  const workflows = beside.filter(({ name }) => name !== PARAMETERS_FILE)
  const scope = projectScope(beside.find(({ name }) => name === PARAMETERS_FILE))
  const connections = membersOf(at(file.json(), 'managedApiConnections')).map(([key, connection]) => {
    const id = stringAt(connection, 'api', 'id')
    return { key, connection, id, ours: isAzure({ raw: id?.value ?? '', text: textOf(id, scope)?.text ?? UNKNOWN }, from) }
  })
  const known = new Map(connections.map(({ key, ours }) => [key, ours]))
  let isMentioned = false
  for (const { json } of [file, ...beside]) forEachString(json(), (_, { value }) => (isMentioned ||= resembling(value)))
  const used = new Set<string>()
  const hosts = new Map<TextFile, JsonNode[]>(workflows.map((workflow) => [workflow, []]))
  const candidates = workflows.flatMap((workflow) =>
    findSteps(at(workflow.json(), 'definition')).flatMap((step): Candidate[] => {
      const context = { connections: known, resembles: resembling, isMentioned, unknownConnection }
      const stepClass = classifyStep(step, context)
      if (stepClass === 'on another') return []
      hosts.get(workflow)!.push(step.host)
      used.add(step.reference ?? '')
      const candidate = { file: workflow.name, step: step.name }
      return stepClass === 'on it'
        ? [{ ...candidate, connection: step.reference, ...offered(step) }]
        : [{ ...candidate, connection: undefined, reason: stepClass.unreadable }]
    }),
  )
  for (const { key, connection, ours } of connections) {
    if (used.has(key) || ours === false) continue
    let isNamed = resembling(key)
    forEachString(connection, (_, { value }) => (isNamed ||= resembling(value)))
    if (ours === undefined && isNamed)
      candidates.push({ file: file.name, step: key, connection: undefined, reason: unknownConnection(key) })
  }
  const going = sortSteps(plan, candidates)
  for (const { key, connection, id, ours } of connections) {
    if (ours === true && !used.has(key))
      plan.kept.push({ file: file.name, step: key, reason: 'no workflow in the folders beside the file uses this connection' })
    if (!going.has(key)) continue
    const connectionId = textOf(at(connection, 'connection', 'id'), scope)?.origin?.value
    addEdit(plan, file.name, editString(file.text, id!, azureId(to, { isTemplate: false, connectionId })))
    plan.notes.push(
      `Make a connection of the new connector, and set connection.id and connectionRuntimeUrl of ${key} in ${CONNECTIONS_FILE} to its own, ` +
        `or the app settings that they name: they still lead to the old one${shown(connectionId)}.`,
    )
  }
  if (going.size > 0) {
    for (const workflow of workflows) keepMentions(plan, workflow.name, workflow.json(), from, hosts.get(workflow)!)
    keepMentions(plan, file.name, file.json(), from, [])
  }
  return plan
}

const unknownConnection = (key: string): string =>
  `${CONNECTIONS_FILE} does not say which connector the connection ${key} is of: api.id is a setting that is not in the files. Write the id out`

/** App settings exist only on the server; their values are unknown. */
const projectScope = (parameters: TextFile | undefined): Scope => {
  const scope: Scope = scopeOf('workflow', (kind, name) => {
    const node = kind === 'parameters' ? at(parameters?.json(), name, 'value') : undefined
    return node && { node, scope }
  })
  return scope
}

const shown = (id: string | undefined): string => (id === undefined ? '' : `, ${id.split('/').at(-1)}`)
