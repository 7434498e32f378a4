import { shortName } from './api-name.ts'
import { applyEdits } from './edit.ts'
import { isFlowPackage, isOfFlowPackage, planFlowPackage } from './flow-package.ts'
import { isLogicApp, planLogicApp } from './logic-app.ts'
import { keepResembling, type ConnectorExchange, type MigrationPlan } from './plan.ts'
import { isOfSolution, isSolution, planSolution } from './solution.ts'
import { CONNECTIONS_FILE, isConnections, isOfStandard, isStandard, planStandard } from './standard.ts'
import { textFile, type TextFile } from './text-file.ts'
import { KINDS, UNPACKED_SOLUTION, whyNotMigrated, whyNotReadable } from './which-file.ts'
import { isZip, MOST_ENTRY_BYTES, readZip, repack, unpack, type ZipFile } from './zip-file.ts'

/** The limit of all texts of a zip together; a larger one is a zip bomb or the wrong file. */
const MOST_TEXT_BYTES = 256 * 1024 * 1024

/** A MigrationKind is the type of file that was recognised. */
export type MigrationKind = 'flow package' | 'solution' | 'Logic App' | 'Standard Logic App'

/** A Migration is the result: the plan, and the new file if anything changed. */
export interface Migration extends MigrationPlan {
  kind: MigrationKind
  output?: Uint8Array
}

/** A MigrationInput is a file, and the connectors to replace. */
export interface MigrationInput extends ConnectorExchange {
  /** For the report. */
  name: string
  bytes: Uint8Array
  /** The workflows in the folders beside a connections.json, which is where the steps are. */
  beside?: readonly TextFile[]
}

/** The file with one connector replaced by the other. Changes only the places of the plan; throws if nothing in it names the connector. */
export function migrate({ name, bytes, beside = [], ...exchange }: MigrationInput): Migration {
  const migration = isZip(bytes) ? migrateZip(readZip(bytes), exchange) : migrateText(name, bytes, beside, exchange)
  if (migration.changed.length === 0 && migration.kept.length === 0)
    throw new Error(`There is nothing to migrate: no step in it uses the connector ${exchange.from}, and nothing in it has that name.`)
  return migration
}

/** A plan without steps is trusted only if no file contains the connector's name. */
function withResembling(plan: MigrationPlan, files: readonly TextFile[], from: string): MigrationPlan {
  if (plan.changed.length === 0 && plan.kept.length === 0)
    for (const file of files)
      if (JSON_OF_FLOWS.test(file.name)) keepResembling(plan, file.name, file.json(), from)
      else if (file.text.toLowerCase().includes(`shared_${shortName(from).toLowerCase()}`))
        plan.kept.push({ file: file.name, step: 'the whole file', reason: 'it has the name of the connector, and is no flow' })
  return plan
}

/** Files that must be JSON; other files of a solution may be. */
const JSON_OF_FLOWS = /^(?:(?:Workflows\/|Microsoft\.Flow\/)?[^/]*|Microsoft\.Flow\/.*|[^/]+\/workflow)\.json$/i

function migrateZip(zip: ZipFile, exchange: ConnectorExchange): Migration {
  const names = zip.entries.map(({ name }) => name)
  const read = (isNeeded: (name: string) => boolean, mayBeBinary: (name: string) => boolean = () => false): TextFile[] => {
    const entries = zip.entries.filter(({ name, size }) => isNeeded(name) && (size <= MOST_ENTRY_BYTES || !mayBeBinary(name)))
    const total = entries.reduce((sum, { size }) => sum + size, 0)
    if (total > MOST_TEXT_BYTES)
      throw new Error(
        `The texts in the zip have ${total} bytes when unpacked; ${MOST_TEXT_BYTES} are the most that are read. Export the flows one by one.`,
      )
    return entries.flatMap((entry) => {
      const content = unpack(zip, entry)
      return mayBeBinary(entry.name) && !isUtf8(content) ? [] : [textFile(entry.name, content)]
    })
  }
  const { kind, plan } = ((): { kind: MigrationKind; plan: MigrationPlan } => {
    const planned = (files: TextFile[], planOf: (files: readonly TextFile[], given: ConnectorExchange) => MigrationPlan): MigrationPlan =>
      withResembling(planOf(files, exchange), files, exchange.from)
    // Images of canvas apps have no extension.
    const mayBeImage = (name: string): boolean => !/^(?:solution|customizations)\.xml$|^Workflows\//i.test(name)
    if (isSolution(names)) return { kind: 'solution', plan: planned(read(isOfSolution, mayBeImage), planSolution) }
    if (isFlowPackage(names)) return { kind: 'flow package', plan: planned(read(isOfFlowPackage), planFlowPackage) }
    if (isStandard(names)) return { kind: 'Standard Logic App', plan: planned(read(isOfStandard), planStandardZip) }
    if (names.some((name) => /^Other\/Solution\.xml$/i.test(name))) throw new Error(UNPACKED_SOLUTION)
    const inside = names.find((name) => /\/(?:solution\.xml|manifest\.json|connections\.json)$/i.test(name) && !/^Microsoft\./i.test(name))
    if (names.some((name) => /^(?:Header|Properties)\.json$/i.test(name)))
      throw new Error('It is a canvas app, which keeps its data sources compiled. Exchange the data source in Power Apps Studio.')
    throw new Error(
      inside === undefined
        ? `The zip is none of these: ${KINDS}.`
        : `The zip has ${inside} in a folder. Pack what is in that folder, not the folder itself.`,
    )
  })()
  if (plan.edits.size === 0) return { ...plan, kind }
  const byName = new Map(zip.entries.map((entry) => [entry.name, entry]))
  const contents = new Map(
    [...plan.edits].map(([name, edits]) => {
      const { text } = textFile(name, unpack(zip, byName.get(name)!))
      return [name, Buffer.from(applyEdits(text, edits))]
    }),
  )
  return { ...plan, kind, output: repack(zip, contents) }
}

function migrateText(name: string, bytes: Uint8Array, beside: readonly TextFile[], exchange: ConnectorExchange): Migration {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    throw new Error('It is UTF-16 text, the default of PowerShell. Save it as UTF-8.')
  const notReadable = whyNotReadable(name, Buffer.from(bytes.subarray(0, 4_000)).toString('utf8'))
  if (notReadable !== undefined) throw new Error(notReadable)
  if (bytes.length > MOST_ENTRY_BYTES)
    throw new Error(`It has ${bytes.length} bytes; ${MOST_ENTRY_BYTES} are the most that are read of one text. Export it again.`)
  const file = textFile(name, bytes)
  const json = file.json()
  const notMigrated = whyNotMigrated(json)
  if (notMigrated !== undefined) throw new Error(notMigrated)
  const kind = isConnections(json) ? 'Standard Logic App' : isLogicApp(json) ? 'Logic App' : undefined
  if (kind === undefined) throw new Error(`The JSON is none of these: ${KINDS}.`)
  const plan = kind === 'Logic App' ? planLogicApp(file, exchange) : planStandard(file, beside, exchange)
  if (plan.changed.length === 0 && plan.kept.length === 0) keepResembling(plan, name, json, exchange.from)
  const edits = plan.edits.get(file.name)
  return { ...plan, kind, ...(edits && { output: Buffer.from(applyEdits(file.text, edits)) }) }
}

function planStandardZip(files: readonly TextFile[], exchange: ConnectorExchange): MigrationPlan {
  const [connections, workflows] = [files.filter(isConnectionsFile), files.filter((file) => !isConnectionsFile(file))]
  return planStandard(connections[0]!, workflows, exchange)
}

const isConnectionsFile = ({ name }: TextFile): boolean => name === CONNECTIONS_FILE

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
