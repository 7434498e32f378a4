import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import type { Secret } from '../kit/secret.ts'
import { version } from '../kit/version.ts'
import type { BurstGate } from './burst-gate.ts'
import type { Circuits } from './circuit.ts'
import { decideRetry, ROOM_MS, type Attempted } from './decide-retry.ts'
import { BurstExhausted } from './errors/burst-exhausted.ts'
import { CallerGone } from './errors/caller-gone.ts'
import { FirewallBlocked } from './errors/firewall-blocked.ts'
import { KeyRefused } from './errors/key-refused.ts'
import { OutOfTime } from './errors/out-of-time.ts'
import { failureError, inSeconds } from './failure-error.ts'
import type { Ledger } from './ledger.ts'
import { readRateHeaders, retryAfterMs } from './rate-headers.ts'
import { readAnswer, type AnswerBody, type Expected } from './read-answer.ts'
import type { Target } from './target.ts'
import { templatePath, tokenPrice } from './token-prices.ts'
import { TransportFailure, type Transport, type UpstreamRequest, type UpstreamResponse } from './transport.ts'

/** A read that takes longer is given up and asked again. A write gets all the time there is: giving it up leaves it in doubt. */
const READ_TIMEOUT_MS = 10_000

/** Answers of the gate before Pipedrive, which nobody is charged for; for 429 that is an assumption. */
const UNCHARGED: ReadonlySet<number | 'failed'> = new Set([401, 429])

/** A Session is one call of ours at work upstream: with which key, who pays, until when, and whether its caller still listens. */
export interface Session {
  key: Secret
  /** What caches and limits know instead of the key. */
  digest: string
  ledger: Ledger
  deadlineAt: number
  signal?: AbortSignal
}

/** An UpstreamCall is one request in our own terms; `target.path` has no query. */
export interface UpstreamCall {
  target: Target
  query?: string
  body?: object
  expected: Expected
}

/** An UpstreamAnswer is what a call yields: the `data` of the answer, and the cursor of the next page of a list. */
export type UpstreamAnswer = Omit<Extract<AnswerBody, { kind: 'data' }>, 'kind'>

export interface SenderParts {
  transport: Transport
  /** Scheme and host, without a path. */
  upstream: string
  clock: Clock
  logger: Logger
  circuits: Circuits
  gate: BurstGate
  random: () => number
  onKeyRefused(digest: string): void
}

/** A Sender carries out a call: waits where Pipedrive's limits ask for it, sends, repeats what may be repeated, and throws the errors of `errors/`. */
export type Sender = (call: UpstreamCall, session: Session) => Promise<UpstreamAnswer>

export function createSender({ transport, upstream, clock, logger, circuits, gate, random, onKeyRefused }: SenderParts): Sender {
  const base = upstream.replace(/\/+$/, '')

  return async (call, session) => {
    const { target } = call
    const { key, digest, ledger, deadlineAt, signal } = session
    const effect = target.method === 'GET' ? 'read' : 'write'
    const template = templatePath(target.path)
    const tokens = tokenPrice(target.method, template)
    // Such a text cannot be a header's value, so it is nobody's key.
    if (!/^[\x21-\x7e]+$/.test(key.reveal())) throw new KeyRefused()

    const sleep = async (ms: number) => {
      try {
        await clock.sleep(ms, signal)
      } catch {
        throw new CallerGone(target)
      }
    }
    /** Looks and takes its place in one step: those who wait here together must not all pass on the same last place. */
    const takePlace = async () => {
      for (;;) {
        if (signal?.aborted) throw new CallerGone(target)
        const timeLeftMs = deadlineAt - clock.now()
        if (timeLeftMs < ROOM_MS[effect]) throw new OutOfTime(target)
        const blockedMs = circuits.blockedMs(digest)
        if (blockedMs > 0) throw new FirewallBlocked(inSeconds(blockedMs))
        const waitMs = gate.waitMs(digest)
        if (waitMs === 0) return { leave: circuits.enter(digest), tellGate: gate.send(digest) }
        if (waitMs + ROOM_MS[effect] > timeLeftMs) throw new BurstExhausted(inSeconds(waitMs), clock.now())
        await sleep(waitMs)
      }
    }

    const sendOnce = async (): Promise<{ response: UpstreamResponse; body: AnswerBody } | TransportFailure> => {
      const { leave, tellGate } = await takePlace()
      sentAtMs = clock.now()
      const record = (status: number | 'failed') =>
        ledger.add({ method: target.method, path: template, status, tokens: UNCHARGED.has(status) ? 0 : tokens })
      try {
        const response = await transport(request(call, session, base, effect === 'read', clock.now()))
        const body = readAnswer(response, call.expected)
        record(response.status)
        tellGate(readRateHeaders(response.headers, clock.now()))
        leave(response.status === 403 && body.kind === 'unreadable' ? 'blocked' : 'passed')
        return { response, body }
      } catch (error) {
        leave('unknown')
        const failure = error instanceof TransportFailure ? error : new TransportFailure('maybe', (error as Error).message, error)
        if (failure.reached === 'maybe') record('failed')
        return failure
      }
    }

    let sentAtMs = clock.now()
    for (let attempt = 1; ; attempt++) {
      const result = await sendOnce()
      const nowMs = clock.now()
      if (result instanceof TransportFailure && effect === 'read' && signal?.aborted) throw new CallerGone(target)
      const decision = decideRetry({
        effect,
        result: attempted(result, nowMs),
        attempt,
        timeLeftMs: deadlineAt - nowMs,
        tokens,
        jitter: random(),
        nowMs,
      })
      const status = result instanceof TransportFailure ? result.message : result.response.status
      logger.debug(
        { method: target.method, path: template, attempt, status, ms: nowMs - sentAtMs, decision: decision.do },
        'asked Pipedrive',
      )
      if (decision.do === 'answer') {
        const { body } = result as { body: Extract<AnswerBody, { kind: 'data' }> }
        return { data: body.data, nextCursor: body.nextCursor }
      }
      if (decision.do === 'retry') {
        await sleep(decision.afterMs)
        continue
      }
      if (decision.why === 'key-refused') onKeyRefused(digest)
      const pauseMs = decision.why === 'firewall' ? circuits.blockedMs(digest) : decision.retryAfterMs
      if (decision.why === 'firewall') logger.warn({ pauseMs }, "Pipedrive's firewall blocks calls")
      throw failureError(decision.why, { target, key, result, attempts: attempt, sentAtMs, nowMs, retryAfterMs: pauseMs })
    }
  }
}

function request(
  { target, query, body }: UpstreamCall,
  { key, deadlineAt, signal }: Session,
  base: string,
  reads: boolean,
  now: number,
): UpstreamRequest {
  const timeLeftMs = deadlineAt - now
  return {
    method: target.method,
    url: `${base}${target.path}${query ? `?${query}` : ''}`,
    headers: {
      'x-api-token': key.reveal(),
      accept: 'application/json',
      'user-agent': `dealbridge/${version}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    body: body && JSON.stringify(body),
    timeoutMs: reads ? Math.min(READ_TIMEOUT_MS, timeLeftMs) : timeLeftMs,
    signal: reads ? signal : undefined,
  }
}

function attempted(result: { response: UpstreamResponse; body: AnswerBody } | TransportFailure, nowMs: number): Attempted {
  if (result instanceof TransportFailure) return { answered: false, reached: result.reached }
  const { response, body } = result
  return {
    answered: true,
    status: response.status,
    body: body.kind,
    rate: readRateHeaders(response.headers, nowMs),
    retryAfterMs: retryAfterMs(response.headers, nowMs),
  }
}
