import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import type { Clock } from '../kit/clock.ts'
import { RateLimitExceeded } from '../kit/errors/rate-limit-exceeded.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import { silentLogger, type Logger } from '../kit/logger.ts'
import { noMetrics, type Metrics } from '../kit/metrics.ts'
import type { Secret } from '../kit/secret.ts'
import { KeyRefused } from '../pipedrive/errors/key-refused.ts'
import type { Store } from '../store/store.ts'
import type { Principal } from './principal.ts'
import { localLimit, sharedLimit } from './call-limit.ts'
import { isNotPipedriveKey, CONNECTION_KEY_PREFIX, type Credential } from './credential.ts'
import { ApiKeyMissing } from './errors/api-key-missing.ts'
import { CompanyNotAllowed } from './errors/company-not-allowed.ts'
import { ConnectionKeyRefused } from './errors/connection-key-refused.ts'
import { ConnectionNeedsAttention } from './errors/connection-needs-attention.ts'
import { KeyRefusedEarlier } from './errors/key-refused-earlier.ts'
import { createAuthThrottle } from './auth-throttle.ts'
import { createNamedConnections } from './named-connections.ts'

/** The contract's limit: 100 calls in 60 seconds for one connection. */
export const CALLS_PER_MINUTE = 100
const WINDOW_SECONDS = 60
const LABEL_LENGTH = 12

/** Connections is what this process knows of the Pipedrive accounts that callers act as: who they are, their limits and refusals. */
export interface Connections {
  /** Whom a call acts as. Throws ConnectionKeyRefused for a connection key that is none (any more), or is another connection's. */
  resolve(credential: Credential, address: string): Promise<Principal>
  /** The same for a trigger state that was made with a connection key and arrives without any. */
  resolveKeyId(connectionKeyId: string): Promise<Principal>
  /** The same for work that a named connection has ordered and that no call does, such as deliveries. */
  resolveConnection(connectionId: string): Promise<Principal>
  /** What logs and counters may call the connection: 12 characters of its principal, or of its id. */
  labelOf(acting: Principal): string
  /** Throws KeyRefusedEarlier, ConnectionNeedsAttention or TooManyRefusedKeys for a key that is not worth asking Pipedrive about. */
  admit(acting: Principal, address: string): void
  /** What the failure of a call tells about its account is kept: a key that Pipedrive refuses is not asked about for a while, a named connection needs attention. The answer is the error as the caller should read it. */
  failed(error: unknown, acting: Principal, address: string): Promise<unknown>
  /** Pipedrive has served this key: it is no guess, and passes even when others behind the same address are guessing. A named connection is well again. */
  accepted(acting: Principal): Promise<void>
  /** Counts one call of the connection or throws RateLimitExceeded. `refund` takes the call back, for our own 4xx that asked Pipedrive nothing. */
  count(acting: Principal): Promise<{ refund(): Promise<void> }>
  /** Whether checkCompany can refuse anything: only then is it worth finding out the company. */
  readonly limitsCompanies: boolean
  /** Throws CompanyNotAllowed. */
  checkCompany(companyId: number): void
  /** Waits for what is still being noted. */
  close(): Promise<void>
}

export interface ConnectionsOptions {
  clock: Clock
  /** Pipedrive's base URL: the same key at another upstream is another connection. */
  upstream: string
  callsPerMinute?: number
  /** Pipedrive company ids; none means all. */
  allowCompanies?: readonly number[]
  /** Where named connections lie; without it there are none. */
  store?: Store | undefined
  /** What their API keys are sealed with. */
  ring?: KeyRing
  logger?: Logger
  metrics?: Metrics
}

export function createConnections({
  clock,
  upstream,
  callsPerMinute = CALLS_PER_MINUTE,
  allowCompanies = [],
  store,
  ring,
  logger = silentLogger,
  metrics = noMetrics,
}: ConnectionsOptions): Connections {
  // With a store all processes call a key the same. Without, the random part makes what lies in memory worthless anywhere else.
  const pepper = createSecretKey(
    createHmac('sha256', store?.salt ?? randomBytes(32))
      .update(upstream)
      .digest(),
  )
  const digest = (key: Secret): string => key.digest(pepper)
  /** Refusals hang on Pipedrive's key: a connection that gets a new one starts anew. */
  const keyName = ({ key, principal, connection }: Principal): string => (connection ? digest(key) : principal)
  const guard = createAuthThrottle({ clock, metrics })
  const named = store && ring && createNamedConnections({ store, ring, clock, logger, guard })
  const limit = { clock, limit: callsPerMinute, seconds: WINDOW_SECONDS }
  const calls = store?.isShared ? sharedLimit({ ...limit, store, logger }) : localLimit(limit)
  const companies = new Set(allowCompanies)

  const theNamed = () => {
    if (!named)
      throw new ConnectionKeyRefused(
        'This server keeps no connections (--store none).',
        'Send a Pipedrive API key with each call, to the path without /apim/pipedrive/{connectionId}; or start the server with a store.',
      )
    return named
  }
  return {
    async resolve({ key, connectionId }, address) {
      if (!key) throw new ApiKeyMissing()
      if (key.reveal().startsWith(CONNECTION_KEY_PREFIX)) return theNamed().byKey(key, connectionId, address)
      if (isNotPipedriveKey(key.reveal()))
        throw new ApiKeyMissing(
          'What was sent is a token of an owner, which opens the management API only, or a connection key with something around it; it was not shown to Pipedrive.',
        )
      if (connectionId === undefined) return { key, principal: digest(key) }
      theNamed()
      throw new ConnectionKeyRefused(
        'Under /apim/pipedrive/{connectionId} only a connection key is taken, which begins with dbk_; this one does not.',
        'Send a connection key (dealbridge connections keys add), or the Pipedrive key to the same path without /apim/pipedrive/{connectionId}.',
      )
    },
    resolveKeyId: async (connectionKeyId) => theNamed().byKeyId(connectionKeyId),
    resolveConnection: async (connectionId) => theNamed().byId(connectionId),
    labelOf: ({ principal, connection }) => (connection?.id ?? principal).slice(0, LABEL_LENGTH),
    admit(acting, address) {
      const { principal, connection } = acting
      if (!connection) {
        guard.check(principal, address)
        if (guard.wasRefused(principal)) throw new KeyRefusedEarlier()
        return
      }
      // Somebody has repaired it, perhaps in another process: then its state says so.
      if (named?.neededAttention(acting) && guard.wasRefused(keyName(acting))) throw new ConnectionNeedsAttention(connection)
    },
    async failed(error, acting, address) {
      const { connection } = acting
      const refused = error instanceof KeyRefused
      // Whoever calls a named connection has a good connection key, and is no guesser.
      if (refused) guard.refused(keyName(acting), connection ? undefined : address)
      if (!connection) return error
      await named?.wentWrong(acting, error)
      return refused ? new ConnectionNeedsAttention(connection, error) : error
    },
    async accepted(acting) {
      guard.accepted(keyName(acting))
      if (acting.connection) await named?.wentWell(acting)
    },
    async count({ principal }) {
      try {
        return await calls.take(principal)
      } catch (error) {
        if (error instanceof RateLimitExceeded) metrics.limitHit('calls')
        throw error
      }
    },
    limitsCompanies: companies.size > 0,
    checkCompany(companyId) {
      if (companies.size > 0 && !companies.has(companyId)) throw new CompanyNotAllowed(companyId)
    },
    async close() {
      await named?.close()
    },
  }
}
