import type { Secret } from '../../../kit/secret.ts'
import type { PulledDelivery, ReportedOutcome, NewSubscription } from '../../../delivery/subscriptions/subscriptions.ts'

/** ListenOptions are the inputs of `dealbridge listen`. */
export interface ListenOptions {
  /** The server's base URL, without a slash at the end. */
  server: string
  key: Secret
  trigger: string
  /** Fields of the subscription, such as filters and format. */
  wanted: Readonly<Record<string, unknown>>
  /** Where each delivery is sent, with the headers and the body of a callback. */
  forwardTo: string
  stop: AbortSignal
  subscribed(view: NewSubscription): void
  /** Called for each delivery that was forwarded. */
  forwarded(line: ForwardedDelivery): void
  /** Prints a note for people, which is not part of the result. */
  note(text: string): void
}

/** A ForwardedDelivery is one delivery with the receiver's response. */
export interface ForwardedDelivery {
  delivery: string
  test: boolean
  outcome: ReportedOutcome
}

/** The server answers after 25 s at the latest. */
const WAIT_SECONDS = 25
const ANSWER_WITHIN_MS = 60_000
/** The same time as for callback URLs. */
const RECEIVER_WITHIN_MS = 15_000
const AGAIN_AFTER_MS = 2_000
const LEAVE_WITHIN_MS = 5_000

/** A ServerResponse is the status and body of a response of the server. */
interface ServerResponse {
  status: number
  body: Record<string, unknown>
}

/** Subscribes, forwards each delivery, and removes the subscription when it stops. Throws if the server refuses the subscription or removes it. */
export async function listen(options: ListenOptions): Promise<void> {
  const { server, key, trigger, wanted, stop } = options
  const path = `${server}/subscriptions/${encodeURIComponent(trigger)}`
  const { body, location } = await subscribe(path, key, { ...wanted, pull: true }, stop)
  const events = `${path}/${location}/events`
  try {
    options.subscribed(body as unknown as NewSubscription)
    await forwardAll(options, events)
  } finally {
    // If this fails, the server removes a subscription that no client fetches from.
    await fetch(`${path}/${location}`, { method: 'DELETE', signal: AbortSignal.timeout(LEAVE_WITHIN_MS) }).catch(() => undefined)
  }
}

async function subscribe(path: string, key: Secret, wanted: object, stop: AbortSignal): Promise<ServerResponse & { location: string }> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(ANSWER_WITHIN_MS)])
  const headers = { 'x-api-key': key.reveal(), 'content-type': 'application/json' }
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(wanted), signal, redirect: 'manual' })
  const body = await readJson(response)
  // Only its last part: the server's public URL may differ from ours.
  const location = response.headers.get('location')?.split('/').at(-1)
  if (response.status === 201 && location) return { status: response.status, body, location }
  throw refusal(response.status, body)
}

async function forwardAll(options: ListenOptions, events: string): Promise<void> {
  const { stop, note } = options
  const asked = `${events}?wait=${WAIT_SECONDS}`
  let away = false
  while (!stop.aborted) {
    let found: PulledDelivery[]
    try {
      const { status, body } = await ask(asked, 'GET', undefined, stop)
      if (status === 404) throw new ListenEnd(refusal(status, body).message)
      if (status !== 200) throw refusal(status, body)
      found = body['data'] as PulledDelivery[]
    } catch (error) {
      if (error instanceof ListenEnd) throw error
      if (!away && !stop.aborted) note(`The server does not answer as it should, and is asked again: ${reasonOf(error)}`)
      away = true
      await pause(AGAIN_AFTER_MS, stop)
      continue
    }
    if (away) note('The server is back.')
    away = false
    // These are of different records: the server keeps the later events of each record until its earlier one is done.
    await Promise.all(found.map((pulled) => forward(options, events, pulled)))
  }
}

class ListenEnd extends Error {}

async function forward(
  { forwardTo, stop, forwarded }: ListenOptions,
  events: string,
  { id, headers, body }: PulledDelivery,
): Promise<void> {
  const outcome = await send(forwardTo, headers, body, stop)
  // Listening stopped during the request: this is no failure.
  if (stop.aborted && outcome.status === null) return
  forwarded({ delivery: id, test: headers['webhook-test'] === 'true', outcome })
  // Until the server knows the outcome, it would send the same delivery again.
  for (;;) {
    try {
      // Also after a stop: an accepted delivery must not be repeated.
      const { status } = await ask(`${events}/${id}`, 'POST', outcome)
      if (status < 500) return
    } catch {
      // Asked again below.
    }
    if (stop.aborted) return
    await pause(AGAIN_AFTER_MS, stop)
  }
}

async function send(url: string, headers: Record<string, string>, body: string, stop: AbortSignal): Promise<ReportedOutcome> {
  const begun = performance.now()
  const took = () => Math.round(performance.now() - begun)
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(RECEIVER_WITHIN_MS)])
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
    await response.arrayBuffer()
    return { status: response.status, reason: null, retryAfter: response.headers.get('retry-after')?.slice(0, 300) ?? null, ms: took() }
  } catch (error) {
    return { status: null, reason: reasonOf(error).slice(0, 300), retryAfter: null, ms: took() }
  }
}

async function ask(url: string, method: string, body?: object, stop?: AbortSignal): Promise<ServerResponse> {
  const limit = AbortSignal.timeout(ANSWER_WITHIN_MS)
  const signal = stop ? AbortSignal.any([stop, limit]) : limit
  const response = await fetch(url, {
    method,
    signal,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return { status: response.status, body: await readJson(response) }
}

async function readJson(response: Response): Promise<Record<string, unknown>> {
  try {
    return (await response.json()) as Record<string, unknown>
  } catch {
    return {}
  }
}

const refusal = (status: number, { message }: Record<string, unknown>): Error =>
  new Error(typeof message === 'string' ? message : `The server answers ${status} and nothing that Dealbridge says. Is --url right?`)

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } }
  return name === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? cause?.message ?? message)
}

const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      stop.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    stop.addEventListener('abort', end, { once: true })
  })
