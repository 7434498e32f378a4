import type { Edit } from './edit.ts'
import { stringsOf, type JsonNode } from './json-text.ts'
import { mentions } from './api-name.ts'

/** An Exchange is the connector that goes, and the one that comes. */
export interface Exchange {
  from: string
  to: string
}

/** A ChangedStep is a step of a flow that calls the other connector from now on. */
export interface ChangedStep {
  file: string
  step: string
  operation: string
}

/** A KeptPlace is a step, or another place that names the connector, that stays as it was, and why. */
export interface KeptPlace {
  file: string
  step: string
  reason: string
}

/** A Plan is what a migration will do to the files of an export, before anything is written. */
export interface Plan {
  changed: ChangedStep[]
  kept: KeptPlace[]
  /** By file. */
  edits: Map<string, Edit[]>
  /** What is left to do by hand. */
  notes: string[]
}

export const emptyPlan = (): Plan => ({ changed: [], kept: [], edits: new Map(), notes: [] })

export function addEdit({ edits }: Plan, file: string, edit: Edit | undefined): void {
  if (edit) edits.set(file, [...(edits.get(file) ?? []), edit])
}

/** A Candidate is a step on the connector that goes, with our operation for it or the reason why there is none. */
export interface Candidate {
  file: string
  step: string
  /** What goes over as a whole or not at all. */
  connection: string
  operation?: string | undefined
  reason?: string | undefined
}

/**
 * Of the steps that share a connection, all go over or none: one that stayed behind would call an operation that is not there.
 * `obstacles` are reasons that concern a whole connection.
 */
export function sortSteps(plan: Plan, candidates: readonly Candidate[], obstacles: ReadonlyMap<string, string> = new Map()): Set<string> {
  const blockers = new Map<string, Candidate>()
  for (const candidate of candidates)
    if (candidate.reason !== undefined && !blockers.has(candidate.connection)) blockers.set(candidate.connection, candidate)
  const going = new Set<string>()
  for (const { file, step, connection, operation, reason } of candidates) {
    const blocker = blockers.get(connection)
    const why = reason ?? obstacles.get(connection) ?? (blocker && `it shares its connection with ${blocker.step}, which cannot go over`)
    if (why === undefined) {
      plan.changed.push({ file, step, operation: operation! })
      going.add(connection)
    } else plan.kept.push({ file, step, reason: why })
  }
  return going
}

/** What still names the connector once the edits are done, outside of the steps that were told already. */
export function keepMentions(plan: Plan, file: string, json: JsonNode, name: string): void {
  const edits = plan.edits.get(file) ?? []
  for (const { path, node } of stringsOf(json))
    if (
      mentions(node.value, name) &&
      !/\/host\/(?:apiId|api\/runtimeUrl)$/.test(path) &&
      !edits.some(({ start }) => start >= node.start && start <= node.end)
    )
      plan.kept.push({ file, step: path, reason: 'the text names the connector; whether it means it, only you can say' })
}
