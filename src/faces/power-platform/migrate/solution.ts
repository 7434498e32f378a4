import { CERTIFIED, exchangePower, isPower, mentions, powerName } from './api-name.ts'
import type { Edit } from './edit.ts'
import { findSteps } from './find-steps.ts'
import { at, editString, membersOf, stringAt } from './json-text.ts'
import { offered } from './offered.ts'
import { addEdit, emptyPlan, keepMentions, sortSteps, type Candidate, type Exchange, type Plan } from './plan.ts'
import type { TextFile } from './text-file.ts'
import { connectionReferenceElements, isManaged, placesOf, type ConnectionReferenceElement } from './xml-text.ts'

/** Set behind the name of a connection reference: under its old one, other flows of the environment may use it with the old connector. */
const SUFFIX = '_dealbridge'

export const isSolution = (names: readonly string[]): boolean => names.includes('solution.xml') && names.includes('customizations.xml')

/** Everything that may name a connection reference: a bot or an app does so in files without an extension. */
export const isOfSolution = (name: string): boolean => /\.(?:json|xml|ya?ml)$|(?:^|\/)[^./]+$/i.test(name)

const isFlow = ({ name }: TextFile): boolean => /^Workflows\/[^/]+\.json$/i.test(name)

export function planSolution(files: readonly TextFile[], given: Exchange): Plan {
  const [from, to] = [powerName(given.from), powerName(given.to)]
  const [solution, customizations] = ['solution.xml', 'customizations.xml'].map((name) => files.find((file) => file.name === name)!)
  if (isManaged(solution!.text))
    throw new Error(
      'The solution is managed: whoever imports it cannot have changed it. Export it unmanaged, from the environment where it is made.',
    )
  const plan = emptyPlan()
  const elements = connectionReferenceElements(customizations!.text)
  const flows = files.filter(isFlow).map((file) => ({ file, ...readFlow(file, from) }))

  const obstacles = new Map<string, string>()
  for (const logicalName of new Set(flows.flatMap(({ references }) => [...references.values()])))
    if (logicalName !== undefined) {
      const obstacle = obstacleOf(logicalName, {
        files,
        elements,
        flows: flows.map(({ file, uses }) => ({ file, uses: uses(logicalName) })),
        from,
        to,
      })
      if (obstacle !== undefined) obstacles.set(logicalName, obstacle)
    }
  const candidates = flows.flatMap(({ file, steps, references }) =>
    steps.map((step): Candidate => {
      const connection = references.get(step.reference ?? '')
      const offer =
        connection === undefined
          ? { reason: 'it has no connection reference. Give it one in the solution, and export again' }
          : offered(step)
      return { file: file.name, step: step.name, connection: connection ?? '', ...offer }
    }),
  )
  const going = sortSteps(plan, candidates, obstacles)

  for (const { file, steps, references, nodes } of flows) {
    for (const step of steps)
      if (step.apiId && going.has(references.get(step.reference ?? '') ?? ''))
        edit(plan, file, step.apiId, exchangePower(step.apiId.value, from, to))
    for (const { key, api, logicalName } of nodes) {
      if (!going.has(references.get(key) ?? '')) continue
      edit(plan, file, api, exchangePower(api.value, from, to))
      edit(plan, file, logicalName, renamed(logicalName!.value, to))
    }
  }
  for (const element of elements.filter(({ logicalName }) => going.has(logicalName))) {
    const after = exchangePower(element.connectorId, from, to)!
    addEdit(plan, customizations!.name, replacing(element.connectorIdAt, element.connectorId, after))
    addEdit(plan, customizations!.name, replacing(element.logicalNameAt, element.logicalName, renamed(element.logicalName, to)))
    for (const place of placesOf(solution!.text, element.logicalName))
      addEdit(plan, solution!.name, replacing(place, element.logicalName, renamed(element.logicalName, to)))
  }
  if (going.size > 0)
    plan.notes.push(
      `Import the solution with the connector ${to} first. Importing this one asks for a connection of it, once for each: ${[...going].map((name) => renamed(name, to)).join(', ')}.`,
    )
  keepRest(plan, files, elements, from, going)
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

function edit(plan: Plan, file: TextFile, node: Parameters<typeof editString>[1] | undefined, after: string | undefined): void {
  if (node && after !== undefined) addEdit(plan, file.name, editString(file.text, node, after))
}

function readFlow(file: TextFile, from: string) {
  const all = membersOf(at(file.json(), 'properties', 'connectionReferences')).map(([key, reference]) => ({
    key,
    api: stringAt(reference, 'api', 'name') ?? stringAt(reference, 'api', 'id') ?? stringAt(reference, 'id'),
    logicalName: stringAt(reference, 'connection', 'connectionReferenceLogicalName'),
  }))
  const nodes = all.flatMap((row) => (row.api && isPower(row.api.value, from) ? [{ ...row, api: row.api }] : []))
  const references = new Map(nodes.map(({ key, logicalName }) => [key, logicalName?.value]))
  const steps = findSteps(at(file.json(), 'properties', 'definition')).filter(
    ({ reference, apiId }) => isPower(apiId?.value, from) || references.has(reference ?? ''),
  )
  /** How often the flow names a connection reference where the migration will rename it. */
  const uses = (name: string) => nodes.filter(({ logicalName }) => logicalName?.value === name).length
  return { references, steps, nodes, uses }
}

interface Surroundings extends Exchange {
  files: readonly TextFile[]
  elements: readonly ConnectionReferenceElement[]
  flows: readonly { file: TextFile; uses: number }[]
}

/** Why a connection reference cannot go over, or undefined. */
function obstacleOf(logicalName: string, { files, elements, flows, from, to }: Surroundings): string | undefined {
  const element = elements.find((one) => one.logicalName === logicalName)
  if (!element) return `the connection reference ${logicalName} is not in this solution. Add it to the solution, and export again`
  if (!isPower(element.connectorId, from)) return `the connection reference ${logicalName} belongs to ${element.connectorId}`
  if (element.customConnector)
    return `the connection reference ${logicalName} is tied to the connector by a customconnectorid. Make one without in the maker portal`
  const name = renamed(logicalName, to)
  if (elements.some((one) => one.logicalName === name))
    return `there is a connection reference ${name} already. Remove it from the solution`
  for (const file of files.filter(({ name: fileName }) => fileName !== 'solution.xml')) {
    const places = placesOf(file.text, logicalName).filter(
      (place) => file.name !== 'customizations.xml' || place < element.start || place >= element.end,
    )
    if (places.length > (flows.find((flow) => flow.file === file)?.uses ?? 0))
      return `the connection reference ${logicalName} is used elsewhere too, in ${file.name}. Give the flows one of their own`
  }
  return undefined
}

/** What names the connector and is no step: connection references that no flow uses, apps, bots. */
function keepRest(
  plan: Plan,
  files: readonly TextFile[],
  elements: readonly ConnectionReferenceElement[],
  from: string,
  going: ReadonlySet<string>,
): void {
  for (const file of files) {
    if (isFlow(file)) keepMentions(plan, file.name, file.json(), from)
    else if (file.name === 'customizations.xml') {
      const free = elements.filter(({ connectorId, logicalName }) => isPower(connectorId, from) && !going.has(logicalName))
      for (const { logicalName } of free)
        plan.kept.push({ file: file.name, step: logicalName, reason: 'no step that goes over uses this connection reference' })
      const rest = elements.reduceRight((text, { start, end }) => text.slice(0, start) + text.slice(end), file.text)
      if (mentions(rest.replace(/<!--[\s\S]*?-->/g, ''), from))
        plan.kept.push({
          file: file.name,
          step: 'an app or another component',
          reason: 'it uses the connector: exchange the data source in Power Apps Studio',
        })
    } else if (mentions(file.text, from))
      plan.kept.push({ file: file.name, step: 'the whole file', reason: 'it names the connector, and is no flow' })
  }
}
