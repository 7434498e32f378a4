import { exchangePower, exchangeShort, isPower, powerName } from './api-name.ts'
import { at, editString, membersOf, objectAt, stringAt, type JsonNode, type JsonString } from './json-text.ts'
import { addEdit, emptyPlan, keepMentions, sortSteps, type ConnectorExchange, type MigrationPlan } from './plan.ts'
import { readFlows } from './read-flows.ts'
import type { TextFile } from './text-file.ts'

/** The connector is one resource of the package, for all its flows: it is migrated as a whole or not at all. */
const WHOLE_PACKAGE = 'package'

/** Whether the zip was written by "Export package" of a flow. */
export const isFlowPackage = (names: readonly string[]): boolean =>
  names.includes('manifest.json') && names.some((name) => /^Microsoft\.Flow\/flows\/[^/]+\/definition\.json$/i.test(name))

export const isOfFlowPackage = (name: string): boolean => name === 'manifest.json' || /^Microsoft\.Flow\/.*\.json$/i.test(name)

export function planFlowPackage(files: readonly TextFile[], given: ConnectorExchange): MigrationPlan {
  const [from, to] = [powerName(given.from), powerName(given.to)]
  const plan = emptyPlan()
  const exchange = (file: TextFile, node: JsonString | undefined, rename = exchangePower): void => {
    const after = node && rename(node.value, from, to)
    if (after !== undefined) addEdit(plan, file.name, editString(file.text, node!, after))
  }
  const manifest = files.find(({ name }) => name === 'manifest.json')!
  const flows = readFlows(
    files.filter(({ name }) => /\/definition\.json$/i.test(name)),
    from,
    () => ({ connection: WHOLE_PACKAGE }),
  )
  const hasTarget =
    flows.some(({ references }) => references.some(({ nodes }) => nodes.some((node) => isPower(node.value, to)))) ||
    resourcesOf(manifest).some((node) => isPower(stringAt(node, 'id')?.value, to))
  const joined = `the package uses ${to} already, and a package names each connector once. Move the other steps by hand, or export the flows one by one`
  const candidates = flows.flatMap((flow) => flow.candidates)
  const going = sortSteps(plan, candidates, hasTarget ? new Map([[WHOLE_PACKAGE, joined]]) : undefined)

  if (going.size > 0) {
    for (const { file, steps, references } of flows) {
      for (const step of steps) exchange(file, step.apiId)
      for (const { reference, nodes, isOurs } of references) {
        if (isOurs !== true) continue
        for (const node of nodes) exchange(file, node)
        exchange(file, stringAt(reference, 'apiName'), exchangeShort)
        exchange(file, stringAt(reference, 'api', 'apiName'), exchangeShort)
      }
    }
    for (const file of files.filter(({ name }) => /\/apisMap\.json$/i.test(name)))
      for (const key of objectAt(file.json())?.keys.values() ?? []) exchange(file, key)
    for (const resource of resourcesOf(manifest))
      for (const key of ['id', 'name'])
        if (/\/apis(?:\/connections)?$/i.test(stringAt(resource, 'type')?.value ?? '')) exchange(manifest, stringAt(resource, key))
    plan.notes.push(`Import it under My flows > Import > Import Package (Legacy), and choose a connection of ${to} there.`)
    const hosts = new Map(flows.map((flow) => [flow.file, flow.hosts]))
    for (const file of files) keepMentions(plan, file.name, file.json(), from, hosts.get(file) ?? [])
  }
  return plan
}

const resourcesOf = (manifest: TextFile): JsonNode[] => membersOf(at(manifest.json(), 'resources')).map(([, resource]) => resource)
