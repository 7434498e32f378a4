import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import type { Metrics } from '../kit/metrics.ts'
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
import { readAnswer, type AnswerBody, type ExpectedBody } from './read-answer.ts'
import { QUESTION_MS, type RefusalCheck } from './refusal-check.ts'
import type { HighWaterMarks } from './high-water-marks.ts'
import type { Target } from './target.ts'
import { templatePath, tokenPrice } from './token-prices.ts'
import { TransportFailure, type Transport, type UpstreamRequest, type UpstreamResponse } from './transport.ts'

/** A read that takes longer is given up and asked again. A write gets all the time there is: giving it up leaves it in doubt. */
const READ_TIMEOUT_MS = 10_000

/** Answers of the gate before Pipedrive, which nobody is charged for; for 429 that is an assumption. */
const UNCHARGED: ReadonlySet<number | string> = new Set(['unreached', 401, 429])

/** What asks whether a key works: 2 tokens, and nothing when it does not. */
const KEY_QUESTION: UpstreamCall = { target: { method: 'GET', path: '/api/v1/users/me', object: 'user', id: 'me' }, expected: 'record' }

/** A Deadline is when all upstream work of one call has to end, in milliseconds since 1970. It moves while a lost write is being looked for. */
export interface Deadline {
  at: number
}

/** A Session is one call of ours at work upstream: with which key, who pays, until when, and whether its caller still listens. */
export interface SenderSession {
  key: Secret
  /** What caches and limits know instead of the key. */
  digest: string
  /** Whose key it is, once users/me was read: only for metrics. */
  account: { companyId?: number }
  /** This server keeps the key: nobody guesses it. */
  isStoredKey: boolean
  ledger: Ledger
  deadline: Deadline
  signal?: AbortSignal
}

/** An UpstreamCall is one request in our own terms; `target.path` has no query. */
export interface UpstreamCall {
  target: Target
  query?: string
  body?: object
  expected: ExpectedBody
}

/** An UpstreamAnswer is what a call yields: the `data` of the answer, and the cursor of the next page of a list. */
export type UpstreamAnswer = Omit<Extract<AnswerBody, { kind: 'data' }>, 'kind'>

export interface SenderDeps {
  transport: Transport
  /** Scheme and host, without a path. */
  upstream: string
  clock: Clock
  logger: Logger
  metrics: Metrics
  circuits: Circuits
  gate: BurstGate
  random: () => number
  refusals: RefusalCheck
  onKeyRefused(digest: string): void
  sight: HighWaterMarks
}

/** A Sender carries out a call: waits where Pipedrive's limits ask for it, sends, repeats what may be repeated, and throws the errors of `errors/`. */
export type Sender = (call: UpstreamCall, session: SenderSession) => Promise<UpstreamAnswer>

export function createSender({
  transport,
  upstream,
  clock,
  logger,
  metrics,
  circuits,
  gate,
  random,
  refusals,
  onKeyRefused,
  sight,
}: SenderDeps): Sender {
  const base = upstream.replace(/\/+$/, '')

  const send: Sender = async (call, session) => {
    const { target } = call
    const { key, digest, ledger, deadline, signal } = session
    const effect = target.method === 'GET' ? 'read' : 'write'
    const template = templatePath(target.path)
    const tokens = tokenPrice(target.method, template)
    // Such a text cannot be a header's value, so it is nobody's key.
    if (!/^[\x21-\x7e]+$/.test(key.reveal())) throw new KeyRefused()

    const company = () => String(session.account.companyId ?? 'unknown')
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
        const timeLeftMs = deadline.at - clock.now()
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
      const record = (status: number | 'failed' | 'unreached') => {
        const about = { method: target.method, path: template, tokens: UNCHARGED.has(status) ? 0 : tokens }
        if (status !== 'unreached') ledger.add({ ...about, status })
        metrics.upstream({ ...about, status, ms: clock.now() - sentAtMs, company: company() })
      }
      try {
        const response = await transport(request(call, session, base, effect === 'read', clock.now()))
        const body = readAnswer(response, call.expected)
        record(response.status)
        const rate = readRateHeaders(response.headers, clock.now())
        tellGate(rate)
        if (rate.dailyRemaining !== undefined && session.account.companyId !== undefined) metrics.tokensLeft(company(), rate.dailyRemaining)
        leave(response.status === 403 && body.kind === 'unreadable' ? 'blocked' : 'passed')
        return { response, body }
      } catch (error) {
        leave('unknown')
        const failure = error instanceof TransportFailure ? error : new TransportFailure('maybe', (error as Error).message, error)
        record(failure.reached === 'maybe' ? 'failed' : 'unreached')
        return failure
      }
    }

    /** Without the caller's signal and for a short time: others may be waiting for the same answer. */
    const askAboutKey = () =>
      send(KEY_QUESTION, { ...session, signal: undefined, deadline: { at: Math.min(deadline.at, clock.now() + QUESTION_MS) } })

    let sentAtMs = clock.now()
    /** Its 401 is about something else: the route, perhaps. */
    let isGoodKey = false
    for (let attempt = 1; ; attempt++) {
      const lastAnswered = refusals.lastAnswered(digest)
      const result = await sendOnce()
      const nowMs = clock.now()
      if (result instanceof TransportFailure && effect === 'read' && signal?.aborted) throw new CallerGone(target)
      const decision = decideRetry({
        effect,
        result: attempted(result, nowMs),
        attempt,
        timeLeftMs: deadline.at - nowMs,
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
        const { response, body } = result as { response: UpstreamResponse; body: Extract<AnswerBody, { kind: 'data' }> }
        refusals.worked(digest)
        sight.observe(digest, { date: response.headers['date'], object: target.object, data: body.data })
        return { data: body.data, nextCursor: body.nextCursor }
      }
      if (decision.do === 'retry') {
        metrics.retry(repeatedFor(result))
        await sleep(decision.afterMs)
        continue
      }
      if (decision.why === 'key-refused' && call !== KEY_QUESTION && !isGoodKey && refusals.isDoubtful(digest, session.isStoredKey)) {
        isGoodKey = await refusals.isGood(digest, lastAnswered, askAboutKey)
        if (isGoodKey) {
          // Safe for writes too: what is refused at the door was not carried out.
          metrics.retry(repeatedFor(result))
          continue
        }
      }
      const why = decision.why === 'key-refused' && isGoodKey ? 'forbidden' : decision.why
      if (why === 'key-refused') onKeyRefused(digest)
      const pauseMs = why === 'firewall' ? circuits.blockedMs(digest) : decision.retryAfterMs
      if (why === 'firewall') logger.warn({ pauseMs }, "Pipedrive's firewall blocks calls")
      throw failureError(why, { target, key, result, attempts: attempt, sentAtMs, nowMs, retryAfterMs: pauseMs })
    }
  }
  return send
}

function request(
  { target, query, body }: UpstreamCall,
  { key, deadline, signal }: SenderSession,
  base: string,
  reads: boolean,
  now: number,
): UpstreamRequest {
  const timeLeftMs = deadline.at - now
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

/** What a repeated request met. */
const repeatedFor = (result: { response: UpstreamResponse } | TransportFailure): string => {
  if (result instanceof TransportFailure) return result.reached === 'maybe' ? 'no-answer' : 'unreached'
  return String(result.response.status)
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
