import { azureId, isAzure } from './api-name.ts'
import { findSteps } from './find-steps.ts'
import { at, editString, membersOf, stringAt, type JsonNode } from './json-text.ts'
import { offered } from './offered.ts'
import { addEdit, emptyPlan, keepMentions, sortSteps, type Candidate, type Exchange, type Plan } from './plan.ts'
import type { TextFile } from './text-file.ts'

export const CONNECTIONS_FILE = 'connections.json'

export const isStandard = (names: readonly string[]): boolean => names.includes(CONNECTIONS_FILE)
export const isOfStandard = (name: string): boolean => name === CONNECTIONS_FILE || /^[^/]+\/workflow\.json$/.test(name)
export const isConnections = (json: JsonNode): boolean => at(json, 'managedApiConnections')?.kind === 'object'
export const isStandardWorkflow = (json: JsonNode): boolean => /^Stateful$|^Stateless$|^Agentic$/i.test(stringAt(json, 'kind')?.value ?? '')

/** Steps name a connection by its key alone, so that connections.json is all that changes. */
export function planStandard(file: TextFile, workflows: readonly TextFile[], { from, to }: Exchange): Plan {
  const plan = emptyPlan()
  const connections = new Map(
    membersOf(at(file.json(), 'managedApiConnections')).filter(([, connection]) => isAzure(stringAt(connection, 'api', 'id')?.value, from)),
  )
  const candidates = workflows.flatMap((workflow) =>
    findSteps(at(workflow.json(), 'definition'))
      .filter(({ reference }) => connections.has(reference ?? ''))
      .map((step): Candidate => ({ file: workflow.name, step: step.name, connection: step.reference!, ...offered(step) })),
  )
  const going = sortSteps(plan, candidates)
  for (const [key, connection] of connections) {
    const used = candidates.some((candidate) => candidate.connection === key)
    if (!used) plan.kept.push({ file: file.name, step: key, reason: 'no workflow in the folders beside the file uses this connection' })
    if (!going.has(key)) continue
    const id = stringAt(connection, 'api', 'id')!
    const connectionId = stringAt(connection, 'connection', 'id')?.value
    addEdit(plan, file.name, editString(file.text, id, azureId(to, { isTemplate: false, connectionId })))
    plan.notes.push(
      `Make a connection of the new connector, and set connection.id and connectionRuntimeUrl of ${key} in ${CONNECTIONS_FILE} to its own, ` +
        `or the app settings that they name: they still lead to the old one${shown(connectionId)}.`,
    )
  }
  if (going.size > 0) for (const workflow of workflows) keepMentions(plan, workflow.name, workflow.json(), from)
  return plan
}

const shown = (id: string | undefined): string => (id === undefined ? '' : `, ${id.split('/').at(-1)}`)
