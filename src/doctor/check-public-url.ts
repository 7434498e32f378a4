import { isLoopback } from '../kit/is-loopback.ts'
import { version } from '../kit/version.ts'
import type { ProbedServer } from './check-server.ts'
import { findingsOf, type Finding, type DoctorContext } from './finding.ts'
import { probe, versionIn } from './probe.ts'

const { ok, warning, problem } = findingsOf('public URL')

/** Whether callers reach us, nobody else, and encrypted, where we say that they do. */
export async function checkPublicUrl({ config }: DoctorContext, server: ProbedServer | undefined): Promise<Finding> {
  const { publicUrl, hostname } = config
  if (!publicUrl) {
    if (isLoopback(hostname)) return ok('not set: each request tells where it was sent to')
    return warning(
      `not set, and the server listens on ${hostname}, beyond this machine`,
      'Put TLS in front of it, and say its address: --public-url https://…',
    )
  }
  const answer = await probe(`${publicUrl}/`)
  if ('silent' in answer)
    return server ? unreached(publicUrl, answer.silent) : notRunning(publicUrl, `nothing answers there: ${answer.silent}`)
  const there = versionIn(answer)
  if (there === undefined) {
    const what = `${publicUrl} answers ${answer.status}, and it is not Dealbridge`
    if (!server) return notRunning(publicUrl, what)
    return problem(what, 'Where does the proxy send this address to? The path in front of ours must be taken away there.')
  }
  const health = await probe(`${publicUrl}/healthz`)
  if ('silent' in health || health.status !== 200)
    return problem(
      `${publicUrl}/healthz answers ${'silent' in health ? health.silent : health.status}`,
      'The proxy must let every path through.',
    )
  const { protocol, hostname: host } = new URL(publicUrl)
  if (protocol === 'http:' && !isLoopback(host.replace(/^\[|\]$/g, '')))
    return warning(
      `${publicUrl} is not https: keys go there unencrypted`,
      'Put TLS in front of it; Power Platform and Logic Apps demand it.',
    )
  const expected = server?.version ?? version
  if (there !== expected)
    return problem(`${publicUrl} is Dealbridge ${there}, not the ${expected} here`, 'Where does the proxy send this address to?')
  return ok(`${publicUrl} is Dealbridge ${there}`)
}

const unreached = (url: string, why: string): Finding =>
  problem(
    `nothing answers at ${url}: ${why}`,
    'Is the proxy up, its name in DNS, its certificate valid, and does it send to the server here?',
  )

const notRunning = (url: string, what: string): Finding =>
  warning(`${url} was not checked: ${what}`, 'No server runs here. Start it, then run the doctor again.')
