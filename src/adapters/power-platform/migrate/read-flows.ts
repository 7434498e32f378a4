import { isPower, powerConnector, resembles, shortName } from './api-name.ts'
import { classifyStep } from './classify-step.ts'
import { findSteps, type FlowStep } from './find-steps.ts'
import { at, forEachString, membersOf, stringAt, type JsonNode, type JsonString } from './json-text.ts'
import { offered } from './offered.ts'
import type { Candidate } from './plan.ts'
import type { TextFile } from './text-file.ts'

/** A FlowReference is one connection of a flow in the Power Platform. */
export interface FlowReference {
  key: string
  reference: JsonNode
  /** The places that hold the connector's name or id. */
  nodes: JsonString[]
  /** Whether it belongs to the old connector; undefined if the flow does not say. */
  isOurs: boolean | undefined
  logicalName: JsonString | undefined
}

/** A ReadFlow is a flow of the Power Platform with its connections and its steps on the old connector. */
export interface ReadFlow {
  file: TextFile
  references: FlowReference[]
  steps: FlowStep[]
  candidates: Candidate[]
  /** Of the steps that the candidates list. */
  hosts: JsonNode[]
}

/** Facts about a step or a connection from outside the flow's own file. */
type GroupOf = (step: FlowStep, references: ReadonlyMap<string, FlowReference>) => { connection: string | undefined; reason?: string }

/** The flows with all steps that use, or may use, the connector. `connectorOf` returns the id that a connection reference has in another file. */
export function readFlows(
  files: readonly TextFile[],
  from: string,
  groupOf: GroupOf,
  connectorOf: (logicalName: string) => string | undefined = () => undefined,
): ReadFlow[] {
  const resembling = resembles(from)
  let isMentioned = false
  for (const file of files) forEachString(file.json(), (_, { value }) => (isMentioned ||= resembling(value)))
  return files.map((file): ReadFlow => {
    const references = membersOf(at(file.json(), 'properties', 'connectionReferences')).map(([key, reference]) =>
      readReference(key, reference, from, connectorOf),
    )
    const byKey = new Map(references.map((reference) => [reference.key, reference]))
    const connections = new Map(references.map(({ key, isOurs }) => [key, isOurs]))
    const flow: ReadFlow = { file, references, steps: [], candidates: [], hosts: [] }
    const used = new Set<string>()
    const definition = at(file.json(), 'properties', 'definition')
    if (definition?.kind !== 'object' && references.some(({ isOurs }) => isOurs !== false))
      flow.candidates.push({
        file: file.name,
        step: 'the whole flow',
        connection: undefined,
        reason: 'it has no definition that can be read',
      })
    for (const step of findSteps(definition)) {
      const context = { connections, own: ownConnector(step, from), resembles: resembling, isMentioned, unknownConnection }
      const found = classifyStep(step, context)
      if (found === 'on another') continue
      if (step.reference !== undefined) used.add(step.reference)
      flow.steps.push(step)
      flow.hosts.push(step.host)
      const candidate = { file: file.name, step: step.name }
      if (found === 'on it') flow.candidates.push({ ...candidate, ...offered(step), ...groupOf(step, byKey) })
      else flow.candidates.push({ ...candidate, connection: undefined, reason: found.unreadable })
    }
    for (const { key, reference, isOurs } of references) {
      if (isOurs !== undefined || used.has(key)) continue
      let isNamed = resembling(key)
      forEachString(reference, (_, { value }) => (isNamed ||= resembling(value)))
      if (isNamed)
        flow.candidates.push({ file: file.name, step: `the connection ${key}`, connection: undefined, reason: unknownConnection(key) })
    }
    return flow
  })
}

const unknownConnection = (reference: string): string =>
  `the flow does not say which connector its connection ${reference} is of. Choose the connection again in the designer, and export it again`

function readReference(key: string, reference: JsonNode, from: string, connectorOf: (name: string) => string | undefined): FlowReference {
  const nodes = [stringAt(reference, 'id'), stringAt(reference, 'api', 'id'), stringAt(reference, 'api', 'name')].flatMap(
    (node) => node ?? [],
  )
  const logicalName = stringAt(reference, 'connection', 'connectionReferenceLogicalName')
  const connector = logicalName && connectorOf(logicalName.value)
  const names = [...nodes.map(({ value }) => value), ...(connector === undefined ? [] : [connector])]
  const short = (stringAt(reference, 'apiName') ?? stringAt(reference, 'api', 'apiName'))?.value
  const isOurs = names.some((name) => isPower(name, from))
    ? true
    : names.some((name) => powerConnector(name) !== undefined)
      ? false
      : short === undefined || short.startsWith('@')
        ? undefined
        : short.toLowerCase() === shortName(from).toLowerCase()
  return { key, reference, nodes, isOurs, logicalName }
}

/** Whether the step itself shows that it uses the connector, or another one. */
function ownConnector({ apiId, api, runtimeUrl }: FlowStep, from: string): boolean | undefined {
  for (const name of [apiId?.value, api]) if (powerConnector(name) !== undefined) return isPower(name, from)
  const [, short] = /\/apim\/([^/]+)/i.exec(runtimeUrl?.slice(0, LONGEST_URL) ?? '') ?? []
  return short === undefined ? undefined : short.toLowerCase() === shortName(from).toLowerCase()
}

const LONGEST_URL = 2_000
