import { createSecretKey, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { noMetrics, type Metrics } from '../kit/metrics.ts'
import type { Secret } from '../kit/secret.ts'
import { createBurstGate } from './burst-gate.ts'
import { createCalls } from './calls.ts'
import { createCircuits } from './circuit.ts'
import type { Ledger } from './ledger.ts'
import { createCache } from './cache.ts'
import { createMissingDeals } from './missing-deals.ts'
import { createReferenceData, type CacheScope } from './reference-data.ts'
import type { ReferenceData, Pipedrive } from './pipedrive.ts'
import { createRefusalCheck } from './refusal-check.ts'
import { createSender, type SenderSession } from './send.ts'
import { createHighWaterMarks } from './high-water-marks.ts'
import { captureBaseline } from './write-baseline.ts'
import type { Transport } from './transport.ts'
import type { WriteGuard } from './write-guard.ts'

/** All upstream work of one call ends within this time: hosts give up on a connector after 120 s, and people long before. */
export const CALL_DEADLINE_MS = 25_000
/** Keys that are remembered; whoever comes back after being pushed out loads his names anew. */
const ACCOUNTS_MAX = 10_000

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
  /** Whose key it is, where that is known: only for metrics. */
  companyId?: number
  /** This server keeps the key, so it is no guess: a 401 is asked about once more, also when this process has just started. */
  isStoredKey?: boolean
  /** Milliseconds since 1970; 25 s from now unless given. Nothing is sent, repeated or waited for after it. */
  deadlineAt?: number
  /** Stands between the operation and its writes. */
  guard?: WriteGuard
  /** The caller hung up: reads and waits end. A write in flight does not. */
  signal?: AbortSignal
}

/** A LastDate is what Pipedrive's clock said in its last answer to a key, and when that came by ours; both in milliseconds since 1970. */
export interface LastDate {
  ms: number
  at: number
}

/** A PipedriveClient is this process's way to Pipedrive for all keys: what it remembers of one key never serves another. */
export interface PipedriveClient {
  /** What this key may do, for one call. Costs nothing by itself. */
  open(key: Secret, options: OpenOptions): { pipedrive: Pipedrive; names: ReferenceData; lastDate(): LastDate | undefined }
  /** Drops what was remembered of a key. A key that Pipedrive refuses is dropped without being asked. */
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
  // Worth nothing outside this process: no digest can be compared with another's, or with a list of keys.
  const pepper = createSecretKey(randomBytes(32))
  const accounts = new LRUCache<string, CacheScope>({ max: ACCOUNTS_MAX })
  let lastAccount = 0
  const accountOf = (digest: string): CacheScope => {
    const known = accounts.get(digest)
    if (known) return known
    const account = { id: ++lastAccount, usersAsked: new Set<number>(), refreshedAt: new Map() }
    accounts.set(digest, account)
    return account
  }
  const forget = (digest: string) => void accounts.delete(digest)
  const memory = createCache(clock)
  const missing = createMissingDeals(clock)
  const sight = createHighWaterMarks(clock)
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
    sight,
  })

  return {
    open(key, { ledger, companyId, isStoredKey = false, deadlineAt = clock.now() + CALL_DEADLINE_MS, guard, signal }) {
      const digest = key.digest(pepper)
      const deadline = { at: deadlineAt }
      const account = accountOf(digest)
      account.companyId ??= companyId
      const session: SenderSession = { key, digest, account, isStoredKey, ledger, deadline, signal }
      const standpoint = (object: string) =>
        captureBaseline({ me: () => names.me(), askMe: () => pipedrive.users.me(), seen: () => sight.of(digest), clock, object })
      const pipedrive = createCalls(send, session, missing, guard && { guard, standpoint })
      const shared = signal ? createCalls(send, { ...session, signal: undefined }, missing) : pipedrive
      const names: ReferenceData = createReferenceData({ clock, memory, account: () => accountOf(digest), pipedrive, shared, deadline })
      return { pipedrive, names, lastDate: () => sight.of(digest).date }
    },
    forget: (key) => forget(key.digest(pepper)),
  }
}
