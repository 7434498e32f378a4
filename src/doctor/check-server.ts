import { version } from '../kit/version.ts'
import { findingsOf, type Finding, type DoctorContext } from './finding.ts'
import { probe, versionIn, type Probe } from './probe.ts'

const { ok, warning, problem } = findingsOf('server')

/** The URL of the server on this machine; undefined with port 0. */
export function localUrl({ hostname, port }: { hostname: string; port: number }): string | undefined {
  if (port === 0) return undefined
  const host = hostname === '0.0.0.0' ? '127.0.0.1' : hostname === '::' ? '[::1]' : hostname.includes(':') ? `[${hostname}]` : hostname
  return `http://${host}:${port}`
}

/** A ProbedServer is the Dealbridge that answers on this machine, and its readiness. */
export interface ProbedServer {
  url: string
  version: string
  ready: Probe
}

/** Whether Dealbridge runs already: a running server has the store open, and only it can report on the store. */
export async function checkServer({ config }: DoctorContext): Promise<{ finding: Finding; server?: ProbedServer }> {
  const url = localUrl(config)
  if (!url) return { finding: ok('--port 0 takes any free port, so the doctor cannot find the server') }
  const answer = await probe(`${url}/`)
  if ('silent' in answer) return { finding: ok(`not running at ${url} (${answer.silent})`) }
  const running = versionIn(answer)
  if (running === undefined)
    return { finding: problem(`another program answers at ${url}`, 'Stop it, or choose another port with --port.') }
  const server = { url, version: running, ready: await probe(`${url}/readyz`) }
  if (running === version) return { finding: ok(`runs at ${url}`), server }
  const finding = warning(
    `Dealbridge ${running} runs at ${url}, and this is ${version}`,
    'Restart the server, so that it runs the installed version.',
  )
  return { finding, server }
}
