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
import { createAuthThrottle, type AuthThrottle } from './auth-throttle.ts'
import { createNamedConnections } from './named-connections.ts'

/** The contract's limit: 100 calls in 60 seconds for one connection. */
export const CALLS_PER_MINUTE = 100
const WINDOW_SECONDS = 60
const LABEL_LENGTH = 12

/** Connections resolves credentials to principals, and applies the limits and key refusals of each. */
export interface Connections {
  /** Throws ConnectionKeyRefused for a connection key that is unknown or revoked, or that belongs to another connection. */
  resolve(credential: Credential, address: string): Promise<Principal>
  /** For a trigger state that was made with a connection key and arrives without a key. */
  resolveKeyId(connectionKeyId: string): Promise<Principal>
  /** For background work of a named connection, such as deliveries. */
  resolveConnection(connectionId: string): Promise<Principal>
  /** The name of the connection in logs and counters: 12 characters of its principal, or of its id. */
  labelOf(principal: Principal): string
  /** Throws KeyRefusedEarlier, ConnectionNeedsAttention or TooManyRefusedKeys for a key that should not be sent to Pipedrive. */
  checkAdmission(principal: Principal, address: string): void
  /**
   * Waits while too many keys of this address that were never accepted are on their way to Pipedrive. Call what it returns after the failure or
   * success is recorded. Throws what checkAdmission throws.
   */
  startTrial(principal: Principal, address: string): Promise<() => void>
  /** If Pipedrive refused the key, the key is not sent again for 5 minutes and a named connection needs attention. Returns the error for the principal. */
  recordFailure(error: unknown, principal: Principal, address: string): Promise<unknown>
  /** Pipedrive accepted this key: the key passes even if other callers behind its address are throttled, and its named connection no longer needs attention. */
  recordSuccess(principal: Principal): Promise<void>
  /** Counts one call of the connection or throws RateLimitExceeded. `refund` takes the call back, for our own 4xx that sent nothing to Pipedrive. */
  count(principal: Principal): Promise<{ refund(): Promise<void> }>
  /** Whether checkCompany can refuse a company; if not, callers need not look it up. */
  readonly limitsCompanies: boolean
  /** Throws CompanyNotAllowed. */
  checkCompany(companyId: number): void
  /** Waits for pending writes. */
  close(): Promise<void>
}

export interface ConnectionsOptions {
  clock: Clock
  /** Pipedrive's base URL: the same key at another upstream is another connection. */
  upstream: string
  callsPerMinute?: number
  /** Pipedrive company ids; none means all. */
  allowCompanies?: readonly number[]
  /** Holds the named connections; without it there are none. */
  store?: Store | undefined
  /** Seals their API keys. */
  ring?: KeyRing
  logger?: Logger
  metrics?: Metrics
  throttle?: AuthThrottle
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
  throttle = createAuthThrottle({ clock, metrics }),
}: ConnectionsOptions): Connections {
  // With a store, all processes compute the same digest of a key. Without, the random part makes digests from memory useless elsewhere.
  const pepper = createSecretKey(
    createHmac('sha256', store?.salt ?? randomBytes(32))
      .update(upstream)
      .digest(),
  )
  const digest = (key: Secret): string => key.digest(pepper)
  /** Refusals belong to the Pipedrive key: a connection with a new key has none. */
  const throttleKey = ({ key, principal, connection }: Principal): string => (connection ? digest(key) : principal)
  const named = store && ring && createNamedConnections({ store, ring, clock, logger, throttle })
  const limit = { clock, limit: callsPerMinute, seconds: WINDOW_SECONDS }
  const calls = store?.isShared ? sharedLimit({ ...limit, store, logger }) : localLimit(limit)
  const companies = new Set(allowCompanies)

  const requireNamed = () => {
    if (!named)
      throw new ConnectionKeyRefused(
        'This server stores no connections (--store none).',
        'Send a Pipedrive API key with each call, to the path without /apim/pipedrive/{connectionId}; or start the server with a store.',
      )
    return named
  }
  const checkAdmission: Connections['checkAdmission'] = (principal, address) => {
    const { principal: id, connection } = principal
    if (!connection) {
      throttle.check(id, address)
      if (throttle.wasRefused(id)) throw new KeyRefusedEarlier()
      return
    }
    // Another process may have recorded a success since; the stored state shows that.
    if (named?.neededAttention(principal) && throttle.wasRefused(throttleKey(principal))) throw new ConnectionNeedsAttention(connection)
  }
  return {
    async resolve({ key, connectionId }, address) {
      if (!key) throw new ApiKeyMissing()
      if (key.reveal().startsWith(CONNECTION_KEY_PREFIX)) return requireNamed().byKey(key, connectionId, address)
      if (isNotPipedriveKey(key.reveal()))
        throw new ApiKeyMissing(
          'The key is an owner token, which opens the management API only, or a connection key with something around it or in the wrong case (it begins with dbk_). It was not sent to Pipedrive.',
        )
      if (connectionId === undefined) return { key, principal: digest(key) }
      requireNamed()
      throw new ConnectionKeyRefused(
        '/apim/pipedrive/{connectionId} accepts only a connection key, which begins with dbk_; this key does not.',
        'Send a connection key (dealbridge connections keys add), or the Pipedrive key to the same path without /apim/pipedrive/{connectionId}.',
      )
    },
    resolveKeyId: async (connectionKeyId) => requireNamed().byKeyId(connectionKeyId),
    resolveConnection: async (connectionId) => requireNamed().byId(connectionId),
    labelOf: ({ principal, connection }) => (connection?.id ?? principal).slice(0, LABEL_LENGTH),
    checkAdmission,
    async startTrial(principal, address) {
      if (principal.connection) return () => undefined
      const end = await throttle.startTrial(principal.principal, address)
      try {
        checkAdmission(principal, address)
        return end
      } catch (error) {
        end()
        throw error
      }
    },
    async recordFailure(error, principal, address) {
      const { connection } = principal
      const refused = error instanceof KeyRefused
      // A caller of a named connection has a valid connection key, and is not guessing.
      if (refused) throttle.recordRefusal(throttleKey(principal), connection ? undefined : address)
      if (!connection) return error
      await named?.recordFailure(principal, error)
      return refused ? new ConnectionNeedsAttention(connection, error) : error
    },
    async recordSuccess(principal) {
      throttle.recordAcceptance(throttleKey(principal))
      if (principal.connection) await named?.recordSuccess(principal)
    },
    async count({ principal }) {
      try {
        return await calls.consume(principal)
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
