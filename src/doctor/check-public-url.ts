import { isLoopback } from '../kit/is-loopback.ts'
import { version } from '../kit/version.ts'
import type { ProbedServer } from './check-server.ts'
import { findingsOf, type Finding, type DoctorContext } from './finding.ts'
import { probe, versionIn } from './probe.ts'

const { ok, warning, problem } = findingsOf('public URL')

/** Whether callers reach this server at the public URL, over https. */
export async function checkPublicUrl({ config }: DoctorContext, server: ProbedServer | undefined): Promise<Finding> {
  const { publicUrl, hostname } = config
  if (!publicUrl) {
    if (isLoopback(hostname)) return ok('not set: taken from each request')
    return warning(
      `not set, and the server listens on ${hostname}, beyond this machine`,
      'Put a TLS proxy in front of it, and set its address: --public-url https://…',
    )
  }
  const answer = await probe(`${publicUrl}/`)
  if ('silent' in answer)
    return server ? unreached(publicUrl, answer.silent) : notRunning(publicUrl, `nothing answers there: ${answer.silent}`)
  const there = versionIn(answer)
  if (there === undefined) {
    const what = `${publicUrl} answers ${answer.status}, but is not Dealbridge`
    if (!server) return notRunning(publicUrl, what)
    return problem(what, 'Check where the proxy forwards this address. It must remove a path prefix.')
  }
  const health = await probe(`${publicUrl}/healthz`)
  if ('silent' in health || health.status !== 200)
    return problem(
      `${publicUrl}/healthz answers ${'silent' in health ? health.silent : health.status}`,
      'The proxy must forward every path.',
    )
  const { protocol, hostname: host } = new URL(publicUrl)
  if (protocol === 'http:' && !isLoopback(host))
    return warning(
      `${publicUrl} is not https: keys are sent unencrypted`,
      'Put a TLS proxy in front of it; Power Platform and Logic Apps require https.',
    )
  const expected = server?.version ?? version
  if (there !== expected)
    return problem(`${publicUrl} is Dealbridge ${there}, not the ${expected} here`, 'Check where the proxy forwards this address.')
  return ok(`${publicUrl} is Dealbridge ${there}`)
}

const unreached = (url: string, why: string): Finding =>
  problem(
    `nothing answers at ${url}: ${why}`,
    'Is the proxy up, its name in DNS, its certificate valid, and does it send to the server here?',
  )

const notRunning = (url: string, what: string): Finding =>
  warning(`${url} was not checked: ${what}`, 'No server runs here. Start it, then run the doctor again.')
