import type { ProbedServer } from './check-server.ts'
import { findingsOf, errorText, type Finding, type DoctorContext } from './finding.ts'

const { ok, warning } = findingsOf('polls')

const ANSWER_WITHIN_MS = 5_000
const METRIC = /^dealbridge_lost_locations_total\{trigger="(\w+)"\} (\d+)$/gm

/** Whether the hosts of the running server follow the Locations of their polls. The server counts this in its metrics. */
export async function checkPolls({ config }: DoctorContext, server: ProbedServer | undefined): Promise<Finding> {
  if (!server) return ok('not checked: no server runs here')
  const token = config.metricsToken?.reveal()
  if (token === undefined) return ok('not checked: the server has no DEALBRIDGE_METRICS_TOKEN; its log reports hosts that drop Locations')
  try {
    const response = await fetch(`${server.url}/metrics`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
    const text = await response.text()
    if (response.status === 200) return judgePolls(text)
    return warning(`not checked: ${server.url}/metrics answers ${response.status}`, 'Give the doctor the environment of the server.')
  } catch (error) {
    return warning(`not checked: ${server.url}/metrics: ${errorText(error)}`, "Read the server's log.")
  }
}

/** `metrics` is the text of /metrics. */
export function judgePolls(metrics: string): Finding {
  const lost = [...metrics.matchAll(METRIC)].map(([, trigger, polls]) => `${trigger} (${polls} polls)`)
  if (lost.length === 0) return ok('no host drops the Location of its polls')
  return warning(
    `since the start of the server a host has polled again and again without the Location of its last poll, so its flow never starts: ${lost.join(', ')}`,
    'The log names the account. Let every proxy and gateway pass Location and Retry-After, or use the instant trigger in the flow.',
  )
}
