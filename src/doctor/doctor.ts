import { readConfig, serveOptions, upstreamOption, type Config } from '../config/config.ts'
import { checkFolder } from './check-folder.ts'
import { checkNode } from './check-node.ts'
import { checkPolls } from './check-polls.ts'
import { checkPublicUrl } from './check-public-url.ts'
import { checkAdminToken, checkKeyRing } from './check-secrets.ts'
import { checkServer } from './check-server.ts'
import { checkStore } from './check-store.ts'
import { checkUpstream } from './check-upstream.ts'
import { findingsOf, errorText, type Finding, type DoctorContext } from './finding.ts'
import { systemClock, type Clock } from '../kit/clock.ts'
import { columns } from '../kit/columns.ts'
import type { Command } from '../kit/command.ts'
import { engines } from '../kit/version.ts'
import { createUndiciTransport } from '../pipedrive/undici-transport.ts'

/** ExamineOptions are the options and environment of the server to examine. */
export interface ExamineOptions {
  /** As `serve` takes them. */
  options: Record<string, string | undefined>
  env?: NodeJS.ProcessEnv
  clock?: Clock
}

/** Checks an installation, and changes nothing that a start would not change. */
export async function examine({ options, env = process.env, clock = systemClock }: ExamineOptions): Promise<Finding[]> {
  const node = checkNode(process.versions.node, engines)
  const configuration = findingsOf('configuration')
  let config: Config
  try {
    config = readConfig(options, env)
  } catch (error) {
    const mistakes = (error as Error).message.split('\n')
    const todo = 'Correct this first; the other checks need it.'
    return [node, ...mistakes.map((mistake) => configuration.problem(mistake, todo))]
  }
  const { transport, close } = createUndiciTransport()
  const context: DoctorContext = { config, env, clock, transport }
  try {
    const { finding, server } = await checkServer(context)
    const findings = await Promise.all([
      safely('data folder', () => checkFolder(config.dataDir)),
      safely('key ring', () => checkKeyRing(context)),
      safely('admin token', () => checkAdminToken(context)),
      safely('store', () => checkStore(context, server)),
      safely('Pipedrive', () => checkUpstream(context)),
      safely('polls', () => checkPolls(context, server)),
      safely('public URL', () => checkPublicUrl(context, server)),
    ])
    return [node, configuration.ok('valid'), finding, ...findings.flat()]
  } finally {
    await close()
  }
}

/** A check that throws is a finding, too: the other checks still run. */
async function safely(check: string, run: () => Finding | Finding[] | Promise<Finding | Finding[]>): Promise<Finding | Finding[]> {
  try {
    return await run()
  } catch (error) {
    return findingsOf(check).problem(`could not be examined: ${errorText(error)}`, 'Please report this as a defect of the doctor.')
  }
}

const report = (findings: readonly Finding[]): string =>
  columns(
    findings.map(({ state, check, message, todo }) => [
      state,
      check,
      `${message}${todo === undefined ? '' : `${/[.!?]$/.test(message) ? '' : '.'} ${todo}`}`,
    ]),
  ).join('\n')

export const doctorCommand: Command = {
  name: 'doctor',
  description: 'check an installation, and print what is wrong and what to do',
  prints: 'one line for each check',
  failsWhen: 'a check finds a problem',
  options: [upstreamOption, ...serveOptions, { flags: '--json', description: 'print JSON' }],
  async run({ json, ...options }) {
    const findings = await examine({ options })
    const problems = findings.filter(({ state }) => state === 'problem').length
    const text = json === undefined ? report(findings) : JSON.stringify({ ok: problems === 0, findings }, null, 2)
    process.stdout.write(`${text}\n`)
    if (problems > 0) throw new Error(problems === 1 ? 'The doctor has found a problem.' : `The doctor has found ${problems} problems.`)
  },
}
