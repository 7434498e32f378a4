import type { UpstreamResponse } from '../pipedrive/transport.ts'
import { isLoopback } from '../kit/is-loopback.ts'
import { findingsOf, errorText, type Finding, type DoctorContext } from './finding.ts'
import { readObject } from './probe.ts'

const ANSWER_WITHIN_MS = 10_000
/** A larger difference makes new records look old, or from the future. */
const SKEW_MAX_SECONDS = 30
const DNS = ['ENOTFOUND', 'EAI_AGAIN']
const CERTIFICATE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT)/

const upstream = findingsOf('Pipedrive')
const time = findingsOf('clock')

/** One call without a key, which costs no tokens: Pipedrive's 401 and its Date header are enough. */
export async function checkUpstream({ config, clock, transport }: DoctorContext): Promise<Finding[]> {
  const startedAt = clock.now()
  try {
    const url = `${config.upstream}/api/v1/users/me`
    const answer = await transport({ method: 'GET', url, headers: { accept: 'application/json' }, timeoutMs: ANSWER_WITHIN_MS })
    return [judgeAnswer(config.upstream, answer), judgeClock(answer.headers['date'], (startedAt + clock.now()) / 2)]
  } catch (error) {
    const unknown = time.warning('not compared: Pipedrive did not answer', 'Fix the connection to Pipedrive first.')
    return [judgeSilence(config.upstream, error), unknown]
  }
}

export function judgeSilence(base: string, error: unknown): Finding {
  const code = (error as { cause?: { code?: string } }).cause?.code ?? ''
  const message = `${base} cannot be reached: ${errorText(error)}`
  if (DNS.includes(code)) return upstream.problem(message, 'Check the name in --upstream, and the DNS server of this machine.')
  if (CERTIFICATE.test(code) || code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return upstream.problem(message, 'If a proxy inspects TLS here, give Node its certificate: NODE_EXTRA_CA_CERTS=/path/to/ca.pem.')
  return upstream.problem(message, 'Check that no firewall blocks it. Try: curl -sI ' + base)
}

export function judgeAnswer(base: string, { status, headers, body }: UpstreamResponse): Finding {
  const { hostname, protocol } = new URL(base)
  const answer = readObject(body)
  if (status === 401 && answer?.['success'] === false) {
    if (protocol === 'https:' || isLoopback(hostname)) return upstream.ok(`${base} answers like Pipedrive`)
    return upstream.warning(`${base} answers like Pipedrive, but API keys are sent unencrypted`, 'Use https in --upstream.')
  }
  if (status === 403 && headers['content-type']?.includes('html'))
    return upstream.problem(
      `the firewall in front of ${base} refuses this machine (403)`,
      'Wait an hour, or ask Pipedrive support about this network address.',
    )
  if (status === 429 || status >= 500)
    return upstream.warning(
      `${base} answers ${status}`,
      'This may be temporary: see https://status.pipedrive.com, and run the doctor again later.',
    )
  return upstream.problem(`${base} answers ${status} to a call without a key, where Pipedrive answers 401`, 'Check --upstream.')
}

/** `now` is our approximate time when the header was written; the header has whole seconds. */
export function judgeClock(date: string | undefined, now: number): Finding {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return time.warning('the answer of Pipedrive has no Date header', 'Check the time of this machine by hand.')
  const skew = Math.round((now - (theirs + 500)) / 1000)
  const text =
    skew === 0 ? 'matches the clock of Pipedrive' : `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the clock of Pipedrive`
  if (Math.abs(skew) <= SKEW_MAX_SECONDS) return time.ok(text)
  return time.warning(text, 'Set the time of this machine, and enable NTP (timedatectl set-ntp true).')
}
