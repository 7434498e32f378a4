import type { UpstreamResponse } from '../pipedrive/transport.ts'
import { isLoopback } from '../kit/is-loopback.ts'
import { findingsOf, errorText, type Finding, type DoctorContext } from './finding.ts'
import { readObject } from './probe.ts'

const ANSWER_WITHIN_MS = 10_000
/** Beyond it, what Pipedrive calls new looks old or not yet made. */
const SKEW_MAX_SECONDS = 30
const DNS = ['ENOTFOUND', 'EAI_AGAIN']
const CERTIFICATE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT)/

const upstream = findingsOf('Pipedrive')
const time = findingsOf('clock')

/** One call without a key, which costs nothing: Pipedrive's 401 and its Date tell all that is asked here. */
export async function checkUpstream({ config, clock, transport }: DoctorContext): Promise<Finding[]> {
  const startedAt = clock.now()
  try {
    const url = `${config.upstream}/api/v1/users/me`
    const answer = await transport({ method: 'GET', url, headers: { accept: 'application/json' }, timeoutMs: ANSWER_WITHIN_MS })
    return [judgeAnswer(config.upstream, answer), judgeClock(answer.headers['date'], (startedAt + clock.now()) / 2)]
  } catch (error) {
    const unknown = time.warning('not compared: Pipedrive did not answer', 'Mend the way to Pipedrive first.')
    return [judgeSilence(config.upstream, error), unknown]
  }
}

export function judgeSilence(base: string, error: unknown): Finding {
  const code = (error as { cause?: { code?: string } }).cause?.code ?? ''
  const message = `${base} cannot be reached: ${errorText(error)}`
  if (DNS.includes(code)) return upstream.problem(message, 'Is the name in --upstream right, and does this machine have a DNS server?')
  if (CERTIFICATE.test(code) || code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return upstream.problem(
      message,
      'Does a proxy here look into TLS? Then give Node its certificate: NODE_EXTRA_CA_CERTS=/path/to/ca.pem.',
    )
  return upstream.problem(message, 'Does a firewall let this machine out to it? Try: curl -sI ' + base)
}

export function judgeAnswer(base: string, { status, headers, body }: UpstreamResponse): Finding {
  const { hostname, protocol } = new URL(base)
  const answer = readObject(body)
  if (status === 401 && answer?.['success'] === false) {
    if (protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''))) return upstream.ok(`${base} answers like Pipedrive`)
    return upstream.warning(`${base} answers like Pipedrive, but API keys go there unencrypted`, 'Use https in --upstream.')
  }
  if (status === 403 && headers['content-type']?.includes('html'))
    return upstream.problem(
      `the firewall in front of ${base} refuses this machine (403)`,
      'Wait an hour, or ask Pipedrive support about this network address.',
    )
  if (status === 429 || status >= 500)
    return upstream.warning(
      `${base} answers ${status}`,
      'It may be over in minutes: https://status.pipedrive.com. Then run the doctor again.',
    )
  return upstream.problem(`${base} answers ${status} to a call without a key, where Pipedrive answers 401`, 'Is --upstream right?')
}

/** `now` is our time when the header was written, more or less; the header has whole seconds. */
export function judgeClock(date: string | undefined, now: number): Finding {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs))
    return time.warning('the answer of Pipedrive has no Date to compare with', 'Compare the time of this machine by hand.')
  const skew = Math.round((now - (theirs + 500)) / 1000)
  const text = skew === 0 ? 'agrees with that of Pipedrive' : `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} that of Pipedrive`
  if (Math.abs(skew) <= SKEW_MAX_SECONDS) return time.ok(text)
  return time.warning(text, 'Set the time of this machine, and keep it right with NTP (timedatectl set-ntp true).')
}
