import { createSecretKey, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { noMetrics, type Metrics } from '../kit/metrics.ts'
import type { Secret } from '../kit/secret.ts'
import { createBurstGate } from './burst-gate.ts'
import { createCalls, type CallsDeps } from './calls.ts'
import { createCircuits } from './circuit.ts'
import type { Ledger } from './ledger.ts'
import { createCache } from './cache.ts'
import { createMissingDeals } from './missing-deals.ts'
import { cachePrefix, createReferenceData, type CacheScope } from './reference-data.ts'
import type { ReferenceData, Pipedrive } from './pipedrive.ts'
import { refreshCache } from './refresh-cache.ts'
import { createRefusalCheck } from './refusal-check.ts'
import { createSender, type Deadline, type SenderSession } from './send.ts'
import { createHighWaterMarks } from './high-water-marks.ts'
import { captureBaseline } from './write-baseline.ts'
import type { Transport } from './transport.ts'
import type { WriteGuard } from './write-guard.ts'

/** All upstream work of one call ends within this time: hosts give up on a connector after 120 s, and users earlier. */
export const CALL_DEADLINE_MS = 25_000
/** Cache scopes kept; an evicted key loads its reference data again. */
const SCOPES_MAX = 10_000

export interface PipedriveClientOptions {
  transport: Transport
  /** Scheme and host: `https://api.pipedrive.com`, or the sandbox's. */
  upstream: string
  clock: Clock
  logger: Logger
  metrics?: Metrics
  /** From 0 to 1, for the jitter of repeated requests. */
  random?: () => number
}

export interface OpenOptions {
  /** Gets an entry for every request that was sent. */
  ledger: Ledger
  /** The company of the key, if known: only for metrics. */
  companyId?: number
  /** This server stores the key, so it is not a guess: a 401 is verified with a second request, also right after the start of the process. */
  isStoredKey?: boolean
  /** Milliseconds since 1970; by default 25 s from now. Nothing is sent, repeated or waited for after it. */
  deadlineAt?: number
  /** Runs around each write of the operation. */
  guard?: WriteGuard
  /** The caller hung up: reads and waits end. A write in flight does not. */
  signal?: AbortSignal
}

/** A LastDate is the `Date` of Pipedrive's last answer to a key, and when it arrived by our clock; both in milliseconds since 1970. */
export interface LastDate {
  ms: number
  at: number
}

/** A PipedriveClient is this process's access to Pipedrive for all keys. Cached data of one key never serves another. */
export interface PipedriveClient {
  /** Opens Pipedrive with this key for one call. It costs no tokens. */
  open(
    key: Secret,
    options: OpenOptions,
  ): { pipedrive: Pipedrive; referenceData: ReferenceData; deadline: Deadline; lastDate(): LastDate | undefined }
  /** Removes the cached data of a key. A key that Pipedrive refuses is removed automatically. */
  forget(key: Secret): void
}

export function createPipedriveClient({
  transport,
  upstream,
  clock,
  logger,
  metrics = noMetrics,
  random = Math.random,
}: PipedriveClientOptions): PipedriveClient {
  // Random per process, so that digests cannot be compared with those of another process or with a list of keys.
  const pepper = createSecretKey(randomBytes(32))
  const scopes = new LRUCache<string, CacheScope>({ max: SCOPES_MAX })
  let lastScopeId = 0
  const scopeOf = (digest: string): CacheScope => {
    const known = scopes.get(digest)
    if (known) return known
    const scope = { id: ++lastScopeId, requestedUsers: new Set<number>(), refreshedAt: new Map() }
    scopes.set(digest, scope)
    return scope
  }
  const forget = (digest: string) => void scopes.delete(digest)
  const cache = createCache(clock)
  const missing = createMissingDeals(clock)
  const highWaterMarks = createHighWaterMarks(clock)
  const send = createSender({
    transport,
    upstream,
    clock,
    logger,
    metrics,
    circuits: createCircuits(clock, metrics.circuit),
    gate: createBurstGate(clock),
    random,
    refusals: createRefusalCheck(clock),
    onKeyRefused: forget,
    highWaterMarks,
  })

  return {
    open(key, { ledger, companyId, isStoredKey = false, deadlineAt = clock.now() + CALL_DEADLINE_MS, guard, signal }) {
      const digest = key.digest(pepper)
      const deadline = { at: deadlineAt }
      const scope = scopeOf(digest)
      scope.companyId ??= companyId
      const session: SenderSession = { key, digest, account: scope, isStoredKey, ledger, deadline, signal }
      const baseline = (collection: string) =>
        captureBaseline({
          me: () => referenceData.me(),
          fetchMe: () => pipedrive.users.me(),
          marks: () => highWaterMarks.of(digest),
          clock,
          collection,
        })
      // A refused key gets a new scope, so the prefix is made each time.
      const deps: CallsDeps = { send, missing, logger, observer: refreshCache(cache, (kind) => cachePrefix(scopeOf(digest), kind)) }
      const pipedrive = createCalls(deps, session, guard && { guard, baseline })
      const shared = signal ? createCalls(deps, { ...session, signal: undefined }) : pipedrive
      const referenceData: ReferenceData = createReferenceData({ clock, cache, scope: () => scopeOf(digest), pipedrive, shared, deadline })
      return { pipedrive, referenceData, deadline, lastDate: () => highWaterMarks.of(digest).date }
    },
    forget: (key) => forget(key.digest(pepper)),
  }
}
