import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { readRetryAfter } from '../kit/retry-after.ts'
import type { Metrics } from '../kit/metrics.ts'
import type { Secret } from '../kit/secret.ts'
import { version } from '../kit/version.ts'
import type { BurstGate } from './burst-gate.ts'
import type { Circuits } from './circuit.ts'
import { decideRetry, ROOM_MS, type AttemptResult } from './decide-retry.ts'
import { BurstExhausted } from './errors/burst-exhausted.ts'
import { CallerGone } from './errors/caller-gone.ts'
import { FirewallBlocked } from './errors/firewall-blocked.ts'
import { KeyRefused } from './errors/key-refused.ts'
import { OutOfTime } from './errors/out-of-time.ts'
import { failureError, inSeconds } from './failure-error.ts'
import type { Ledger } from './ledger.ts'
import { readRateHeaders } from './rate-headers.ts'
import { readAnswer, type AnswerBody, type ExpectedBody } from './read-answer.ts'
import { KEY_CHECK_MS, type RefusalCheck } from './refusal-check.ts'
import type { HighWaterMarks } from './high-water-marks.ts'
import { collectionOf, type Target } from './target.ts'
import { templatePath, tokenPrice } from './token-prices.ts'
import { TransportFailure, type Transport, type UpstreamRequest, type UpstreamResponse } from './transport.ts'

/** A read that takes longer is cancelled and retried. A write gets all remaining time: cancelling it would leave its outcome unknown. */
const READ_TIMEOUT_MS = 10_000

/** Answers of Pipedrive's gateway, which cost no tokens; for 429 that is an assumption. */
const UNCHARGED: ReadonlySet<number | string> = new Set(['unreached', 401, 429])

/** The request that checks a key: 2 tokens, and none if the key does not work. */
const KEY_CHECK_CALL: UpstreamCall = { target: { method: 'GET', path: '/api/v1/users/me', object: 'user', id: 'me' }, expected: 'record' }

/** A Deadline is when all upstream work of one call has to end, in milliseconds since 1970. It moves during the read-back of a lost write. */
export interface Deadline {
  at: number
}

/** A SenderSession is one call upstream: its key, its ledger, its deadline, and the signal that its caller hung up. */
export interface SenderSession {
  key: Secret
  /** Caches and limits use it instead of the key. */
  digest: string
  /** The company of the key, after users/me was read: only for metrics. */
  account: { companyId?: number }
  /** This server stores the key, so it is not a guess. */
  isStoredKey: boolean
  ledger: Ledger
  deadline: Deadline
  signal?: AbortSignal
}

/** An UpstreamCall is one request, independent of the transport; `target.path` has no query. */
export interface UpstreamCall {
  target: Target
  query?: string
  body?: object
  expected: ExpectedBody
}

/** An UpstreamAnswer is the result of a call: the `data` of the answer, and the cursor of the next page of a list. */
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
  highWaterMarks: HighWaterMarks
}

/** A Sender carries out a call: waits for Pipedrive's limits, sends, retries what may be retried, and throws the errors of `errors/`. */
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
  highWaterMarks,
}: SenderDeps): Sender {
  const base = upstream.replace(/\/+$/, '')

  const send: Sender = async (call, session) => {
    const { target } = call
    const { key, digest, ledger, deadline, signal } = session
    const effect = target.method === 'GET' ? 'read' : 'write'
    const template = templatePath(target.path)
    const tokens = tokenPrice(target.method, template)
    // Such a text cannot be a header value, so it is not a key.
    if (!/^[\x21-\x7e]+$/.test(key.reveal())) throw new KeyRefused()

    const company = () => String(session.account.companyId ?? 'unknown')
    const sleep = async (ms: number) => {
      try {
        await clock.sleep(ms, signal)
      } catch {
        throw new CallerGone(target)
      }
    }
    /** Checks and acquires in one step, so that concurrent calls cannot all pass with the same last slot. */
    const acquireSlot = async () => {
      for (;;) {
        if (signal?.aborted) throw new CallerGone(target)
        const timeLeftMs = deadline.at - clock.now()
        if (timeLeftMs < ROOM_MS[effect]) throw new OutOfTime(target)
        const blockedMs = circuits.blockedMs(digest)
        if (blockedMs > 0) throw new FirewallBlocked(inSeconds(blockedMs))
        const waitMs = gate.waitMs(digest)
        if (waitMs === 0) return { leave: circuits.enter(digest), reportRate: gate.send(digest) }
        if (waitMs + ROOM_MS[effect] > timeLeftMs) throw new BurstExhausted(inSeconds(waitMs), clock.now())
        await sleep(waitMs)
      }
    }

    const sendOnce = async (): Promise<{ response: UpstreamResponse; body: AnswerBody } | TransportFailure> => {
      const { leave, reportRate } = await acquireSlot()
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
        reportRate(rate)
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

    /** Without the caller's signal and with a short deadline: other calls may wait for the same answer. */
    const checkKey = () =>
      send(KEY_CHECK_CALL, { ...session, signal: undefined, deadline: { at: Math.min(deadline.at, clock.now() + KEY_CHECK_MS) } })

    let sentAtMs = clock.now()
    /** The key works, so its 401 has another cause, such as the route. */
    let isGoodKey = false
    for (let attempt = 1; ; attempt++) {
      const lastAnswered = refusals.lastAnswered(digest)
      const result = await sendOnce()
      const nowMs = clock.now()
      if (result instanceof TransportFailure && effect === 'read' && signal?.aborted) throw new CallerGone(target)
      const decision = decideRetry({
        effect,
        result: attemptResultOf(result, nowMs),
        attempt,
        timeLeftMs: deadline.at - nowMs,
        tokens,
        jitter: random(),
        nowMs,
      })
      const status = result instanceof TransportFailure ? result.message : result.response.status
      logger.debug(
        { method: target.method, path: template, attempt, status, ms: nowMs - sentAtMs, decision: decision.do },
        'Pipedrive request',
      )
      if (decision.do === 'answer') {
        const { response, body } = result as { response: UpstreamResponse; body: Extract<AnswerBody, { kind: 'data' }> }
        refusals.worked(digest)
        highWaterMarks.observe(digest, { date: response.headers['date'], collection: collectionOf(target), data: body.data })
        return { data: body.data, nextCursor: body.nextCursor }
      }
      if (decision.do === 'retry') {
        metrics.retry(retryReasonOf(result))
        await sleep(decision.afterMs)
        continue
      }
      if (decision.why === 'key-refused' && call !== KEY_CHECK_CALL && !isGoodKey && refusals.isDoubtful(digest, session.isStoredKey)) {
        isGoodKey = await refusals.isGood(digest, lastAnswered, checkKey)
        if (isGoodKey) {
          // Safe for writes too: Pipedrive does not execute a request that it refuses with 401.
          metrics.retry(retryReasonOf(result))
          continue
        }
      }
      const why = decision.why === 'key-refused' && isGoodKey ? 'forbidden' : decision.why
      if (why === 'key-refused') onKeyRefused(digest)
      const pauseMs = why === 'firewall' ? circuits.blockedMs(digest) : decision.retryAfterMs
      if (why === 'firewall') logger.warn({ pauseMs }, "calls blocked by Pipedrive's firewall")
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

/** The reason of a retry, for the metrics. */
const retryReasonOf = (result: { response: UpstreamResponse } | TransportFailure): string => {
  if (result instanceof TransportFailure) return result.reached === 'maybe' ? 'no-answer' : 'unreached'
  return String(result.response.status)
}

function attemptResultOf(result: { response: UpstreamResponse; body: AnswerBody } | TransportFailure, nowMs: number): AttemptResult {
  if (result instanceof TransportFailure) return { answered: false, reached: result.reached }
  const { response, body } = result
  return {
    answered: true,
    status: response.status,
    body: body.kind,
    rate: readRateHeaders(response.headers, nowMs),
    retryAfterMs: readRetryAfter(response.headers['retry-after'], nowMs),
  }
}
