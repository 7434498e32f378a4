import { mentions, resembles } from './api-name.ts'
import type { Edit } from './edit.ts'
import { forEachString, type JsonNode } from './json-text.ts'

/** A ConnectorExchange is the old connector and the new one. */
export interface ConnectorExchange {
  from: string
  to: string
}

/** A ChangedStep is a step of a flow that will call the new connector. */
export interface ChangedStep {
  file: string
  step: string
  operation: string
}

/** A KeptPlace is a step, or another place that names the connector, that stays unchanged, and the reason. */
export interface KeptPlace {
  file: string
  step: string
  reason: string
}

/** A MigrationPlan is what a migration will do to the files of an export, before anything is written. */
export interface MigrationPlan {
  changed: ChangedStep[]
  kept: KeptPlace[]
  /** By file. */
  edits: Map<string, Edit[]>
  /** Manual steps after the migration. */
  notes: string[]
}

export const emptyPlan = (): MigrationPlan => ({ changed: [], kept: [], edits: new Map(), notes: [] })

export function addEdit({ edits }: MigrationPlan, file: string, edit: Edit | undefined): void {
  if (edit === undefined) return
  const list = edits.get(file)
  if (list) list.push(edit)
  else edits.set(file, [edit])
}

/** A Candidate is a step on the old connector, with our operation for it or the reason why there is none. */
export interface Candidate {
  file: string
  step: string
  /** The group of steps that is migrated as a whole or not at all; undefined if unknown. */
  connection: string | undefined
  operation?: string | undefined
  reason?: string | undefined
}

/**
 * Steps that share a connection are migrated together or not at all: a remaining one would call an operation that does not exist.
 * A step whose connection cannot be read may share any connection, so no step is migrated. `obstacles` are reasons that concern a whole connection.
 */
export function sortSteps(
  plan: MigrationPlan,
  candidates: readonly Candidate[],
  obstacles: ReadonlyMap<string, string> = new Map(),
): Set<string> {
  const blockers = new Map<string | undefined, Candidate>()
  for (const candidate of candidates)
    if (candidate.reason !== undefined && !blockers.has(candidate.connection)) blockers.set(candidate.connection, candidate)
  const unreadable = blockers.get(undefined)
  const going = new Set<string>()
  for (const { file, step, connection, operation, reason } of candidates) {
    const blocker = connection === undefined ? undefined : blockers.get(connection)
    const why =
      reason ??
      (connection === undefined ? undefined : obstacles.get(connection)) ??
      (blocker && `it shares its connection with ${blocker.step}, which cannot go over`) ??
      (unreadable && `${unreadable.step} cannot be read, and may use the same connection`)
    if (why === undefined && connection !== undefined) {
      plan.changed.push({ file, step, operation: operation! })
      going.add(connection)
    } else plan.kept.push({ file, step, reason: why ?? 'its connection cannot be read' })
  }
  return going
}

/** The places that still name the connector after the edits. `listed` are the hosts of the steps that the plan already lists. */
export function keepMentions(plan: MigrationPlan, file: string, json: JsonNode, name: string, listed: readonly JsonNode[]): void {
  const mention = mentions(name)
  const places = [...(plan.edits.get(file) ?? []), ...listed].toSorted((a, b) => a.start - b.start)
  let next = 0
  forEachString(json, (path, node) => {
    if (!mention(node.value)) return
    // Both are in the order of the file: a place that ends before this text also ends before all later texts.
    while (next < places.length && places[next]!.end <= node.start) next++
    const place = places[next]
    if (place === undefined || place.start > node.end)
      plan.kept.push({ file, step: path, reason: 'the text names the connector; whether it means it, only you can say' })
  })
}

/** If a plan is empty although an identifier in a file contains the connector's name, the report lists those places. */
export function keepResembling(plan: MigrationPlan, file: string, json: JsonNode, name: string): void {
  const resembling = resembles(name)
  forEachString(json, (path, node) => {
    if (resembling(node.value))
      plan.kept.push({ file, step: path, reason: 'it has the name of the connector, but in no connection or step that can be read' })
  })
}
