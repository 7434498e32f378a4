import { exchangePower, isPower, mentions, powerName } from './api-name.ts'
import { CERTIFIED } from './certified.ts'
import type { Edit } from './edit.ts'
import { editString } from './json-text.ts'
import { addEdit, emptyPlan, keepMentions, sortSteps, type ConnectorExchange, type MigrationPlan } from './plan.ts'
import { readFlows, type ReadFlow } from './read-flows.ts'
import type { TextFile } from './text-file.ts'
import {
  connectionReferenceElements,
  isLogicalName,
  isManaged,
  placesOf,
  withoutComments,
  type ConnectionReferenceElement,
} from './xml-text.ts'

/** Appended to the name of a connection reference: other flows of the environment may use the old name with the old connector. */
const SUFFIX = '_dealbridge'

export const isSolution = (names: readonly string[]): boolean => names.includes('solution.xml') && names.includes('customizations.xml')

/** All files that may name a connection reference: a bot or an app uses files without an extension. */
export const isOfSolution = (name: string): boolean => /\.(?:json|xml|ya?ml)$|(?:^|\/)[^./]+$/i.test(name)

const isFlow = ({ name }: TextFile): boolean => /^Workflows\/[^/]+\.json$/i.test(name)

export function planSolution(files: readonly TextFile[], given: ConnectorExchange): MigrationPlan {
  const [from, to] = [powerName(given.from), powerName(given.to)]
  const [solution, customizations] = ['solution.xml', 'customizations.xml'].map((name) => files.find((file) => file.name === name)!)
  if (isManaged(solution!.text))
    throw new Error(
      'The solution is managed, so a changed copy cannot be imported. Export it unmanaged, from the environment where it is made.',
    )
  const plan = emptyPlan()
  const elements = connectionReferenceElements(customizations!.text)
  const byName = new Map(elements.map((element) => [element.logicalName, element]))
  const flows = readFlows(
    files.filter(isFlow),
    from,
    (step, references) => {
      const name = references.get(step.reference ?? '')?.logicalName?.value
      return name === undefined
        ? { connection: undefined, reason: 'it has no connection reference. Give it one in the solution, and export again' }
        : { connection: name }
    },
    (logicalName) => byName.get(logicalName)?.connectorId,
  )
  const going = sortSteps(
    plan,
    flows.flatMap(({ candidates }) => candidates),
    findObstacles({ files, elements, byName, flows, from, to }),
  )

  for (const { file, steps, references } of flows) {
    const isGoing = new Set(
      references.flatMap(({ key, isOurs, logicalName }) => (isOurs === true && going.has(logicalName?.value ?? '') ? [key] : [])),
    )
    for (const step of steps)
      if (step.apiId && isGoing.has(step.reference ?? '')) edit(plan, file, step.apiId, exchangePower(step.apiId.value, from, to))
    for (const { key, nodes, logicalName } of references) {
      if (!isGoing.has(key)) continue
      for (const node of nodes) edit(plan, file, node, exchangePower(node.value, from, to))
      edit(plan, file, logicalName, renamed(logicalName!.value, to))
    }
  }
  for (const element of elements.filter(({ logicalName }) => going.has(logicalName))) {
    const after = exchangePower(element.connectorId, from, to)!
    addEdit(plan, customizations!.name, replacing(element.connectorIdAt, element.connectorId, after))
    addEdit(plan, customizations!.name, replacing(element.logicalNameAt, element.logicalName, renamed(element.logicalName, to)))
  }
  for (const [name, places] of placesOf(going)(solution!.text))
    for (const place of places) addEdit(plan, solution!.name, replacing(place, name, renamed(name, to)))
  if (going.size > 0)
    plan.notes.push(
      `Import the solution with the connector ${to} first. Importing this one asks for a connection of it, once for each: ${[...going].map((name) => renamed(name, to)).join(', ')}.`,
    )
  keepRest(plan, files, elements, flows, from, going)
  return plan
}

const renamed = (logicalName: string, to: string): string =>
  to.toLowerCase() === CERTIFIED ? logicalName.replace(SUFFIX, '') : logicalName + SUFFIX

const replacing = (start: number, before: string, after: string): Edit => ({
  start,
  end: start + before.length,
  text: after,
  before,
  after,
})

function edit(plan: MigrationPlan, file: TextFile, node: Parameters<typeof editString>[1] | undefined, after: string | undefined): void {
  if (node && after !== undefined) addEdit(plan, file.name, editString(file.text, node, after))
}

interface Surroundings extends ConnectorExchange {
  files: readonly TextFile[]
  elements: readonly ConnectionReferenceElement[]
  byName: ReadonlyMap<string, ConnectionReferenceElement>
  flows: readonly ReadFlow[]
}

/** The reasons why connection references cannot be migrated, by name. Each file is searched once, however many references there are. */
function findObstacles({ files, elements, byName, flows, from, to }: Surroundings): Map<string, string> {
  const names = new Set(
    flows.flatMap(({ references }) =>
      references.flatMap(({ isOurs, logicalName }) => (isOurs === true && logicalName ? logicalName.value : [])),
    ),
  )
  const obstacles = new Map<string, string>()
  const add = (name: string, reason: string): void => void (obstacles.has(name) || obstacles.set(name, reason))
  for (const name of names) {
    const obstacle = obstacleOf(name, byName, from, to)
    if (obstacle !== undefined) add(name, obstacle)
  }
  const uses = new Map(
    flows.map(({ file, references }) => [
      file,
      countOf(references.map(({ isOurs, logicalName }) => (isOurs === true ? logicalName?.value : undefined))),
    ]),
  )
  const find = placesOf(names)
  for (const file of files) {
    if (file.name === 'solution.xml') continue
    const inElements = file.name === 'customizations.xml' ? placesInElements(file.text, elements, names) : undefined
    for (const [name, places] of find(file.text)) {
      const known = (uses.get(file)?.get(name) ?? 0) + (inElements?.get(name) ?? 0)
      if (places.length > known)
        add(name, `the connection reference ${name} is used elsewhere too, in ${file.name}. Give the flows one of their own`)
    }
  }
  return obstacles
}

const countOf = (names: readonly (string | undefined)[]): Map<string | undefined, number> => {
  const counts = new Map<string | undefined, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** How often the element of a connection reference contains its name. */
function placesInElements(text: string, elements: readonly ConnectionReferenceElement[], names: ReadonlySet<string>): Map<string, number> {
  return new Map(
    elements.flatMap(({ logicalName, start, end }) =>
      names.has(logicalName) ? [[logicalName, placesOf([logicalName])(text.slice(start, end)).get(logicalName)?.length ?? 0] as const] : [],
    ),
  )
}

function obstacleOf(
  logicalName: string,
  byName: ReadonlyMap<string, ConnectionReferenceElement>,
  from: string,
  to: string,
): string | undefined {
  const element = byName.get(logicalName)
  if (!isLogicalName(logicalName)) return `the connection reference has a name that Power Apps does not give: ${logicalName.slice(0, 100)}`
  if (!element) return `the connection reference ${logicalName} is not in this solution. Add it to the solution, and export again`
  if (!isPower(element.connectorId, from)) return `the connection reference ${logicalName} belongs to ${element.connectorId}`
  if (element.customConnector)
    return `the connection reference ${logicalName} is tied to the connector by a customconnectorid. Make one without in the maker portal`
  const name = renamed(logicalName, to)
  if (name !== logicalName && byName.has(name)) return `there is a connection reference ${name} already. Remove it from the solution`
  return undefined
}

/** Places other than steps that name the connector: connection references that no flow uses, apps, bots. */
function keepRest(
  plan: MigrationPlan,
  files: readonly TextFile[],
  elements: readonly ConnectionReferenceElement[],
  flows: readonly ReadFlow[],
  from: string,
  going: ReadonlySet<string>,
): void {
  const mention = mentions(from)
  const hosts = new Map(flows.map((flow) => [flow.file, flow.hosts]))
  for (const file of files) {
    if (isFlow(file)) keepMentions(plan, file.name, file.json(), from, hosts.get(file) ?? [])
    else if (file.name === 'customizations.xml') {
      const free = elements.filter(({ connectorId, logicalName }) => isPower(connectorId, from) && !going.has(logicalName))
      for (const { logicalName } of free)
        plan.kept.push({ file: file.name, step: logicalName, reason: 'no step that goes over uses this connection reference' })
      if (mention(withoutComments(withoutElements(file.text, elements))))
        plan.kept.push({
          file: file.name,
          step: 'an app or another component',
          reason: 'it uses the connector: exchange the data source in Power Apps Studio',
        })
    } else if (mention(file.text))
      plan.kept.push({ file: file.name, step: 'the whole file', reason: 'it names the connector, and is no flow' })
  }
}

function withoutElements(text: string, elements: readonly ConnectionReferenceElement[]): string {
  let done = 0
  const pieces = elements.map(({ start, end }) => {
    const piece = text.slice(done, start)
    done = end
    return piece
  })
  return pieces.join(' ') + text.slice(done)
}
