import type { Principal } from '../connections/principal.ts'
import type { Connections } from '../connections/connections.ts'
import { DealbridgeError } from '../kit/errors/dealbridge-error.ts'
import type { Logger } from '../kit/logger.ts'
import type { LastDate, PipedriveClient } from '../pipedrive/client.ts'
import { OutcomeUnknown } from '../pipedrive/errors/outcome-unknown.ts'
import { createLedger, type Ledger, type Spending } from '../pipedrive/ledger.ts'
import type { ReferenceData, Pipedrive } from '../pipedrive/pipedrive.ts'
import type { WriteGuard } from '../pipedrive/write-guard.ts'
import type { ReportDraft } from './call-report.ts'
import { WriteUndecided } from './idempotency/errors/write-undecided.ts'

/** An UpstreamUse is what a Pipedrive account is used for. */
export interface UpstreamUse {
  /** What its tokens are counted under: an operationId, or the name of background work. */
  purpose: string
  /** The company, where something else than the account knows it, such as a trigger state. */
  companyId?: number | undefined
  guard?: WriteGuard | undefined
  /** Whether this server stores the key: as a connection's, unless said otherwise. */
  isStoredKey?: boolean
  /** The ledger of the call that pays for it. */
  chargedTo?: Ledger | undefined
}

/** An UpstreamSession is a Pipedrive account that is open for one use. */
export interface UpstreamSession {
  pipedrive: Pipedrive
  names: ReferenceData
  /** Pipedrive's clock, as far as it says. */
  lastDate(): LastDate | undefined
}

/** An AccountSession is the only way to Pipedrive on behalf of a principal: for calls, polls, subscriptions and deliveries. */
export interface AccountSession {
  /** Counts one call of the principal, or throws RateLimitExceeded. A call that our own 4xx ended is not counted. */
  withRateLimit<T>(draft: Pick<ReportDraft, 'ledger' | 'replayed'>, run: () => Promise<T>): Promise<T>
  /** Opens the account, checks its company, counts its tokens, and records whether Pipedrive accepted the key. Throws what `run` throws, CompanyNotAllowed, ConnectionNeedsAttention. */
  withAccount<T>(use: UpstreamUse, run: (upstream: UpstreamSession) => Promise<T>): Promise<T>
}

export interface AccountSessionDeps {
  client: PipedriveClient
  connections: Connections
  spending: Spending
  logger: Logger
}

/** Throws KeyRefusedEarlier, ConnectionNeedsAttention or TooManyRefusedKeys for a key that is not worth asking Pipedrive about. */
export type OpenAccountSession = (acting: Principal, address: string) => AccountSession

export function createAccountSessions({ client, connections, spending, logger }: AccountSessionDeps): OpenAccountSession {
  // What is recorded about a key must not cost anybody the answer to a write, or replace the error that explains a failure.
  const notRecorded = (error: unknown) => logger.error({ error }, 'recording the state of a key failed')

  return (acting, address) => {
    connections.checkAdmission(acting, address)
    const label = connections.labelOf(acting)
    return {
      async withRateLimit(draft, run) {
        const count = await connections.count(acting)
        try {
          return await run()
        } catch (error) {
          if (isFree(error, draft)) await count.refund()
          throw error
        }
      },
      async withAccount({ purpose, companyId = acting.companyId, guard, isStoredKey = acting.connection !== undefined, chargedTo }, run) {
        const ledger = createLedger(chargedTo)
        try {
          const upstream = client.open(acting.key, { ledger, companyId: acting.companyId, isStoredKey, guard })
          if (connections.limitsCompanies) connections.checkCompany(companyId ?? (await upstream.names.me()).company_id)
          const value = await run(upstream)
          if (ledger.calls > 0) await connections.recordSuccess(acting).catch(notRecorded)
          return value
        } catch (error) {
          throw await connections.recordFailure(error, acting, address).catch((other: unknown) => {
            notRecorded(other)
            return error
          })
        } finally {
          if (ledger.calls > 0) spending.add(label, purpose, ledger)
        }
      },
    }
  }
}

/** Our own refusals cost no call, except where the error is about a write that was sent, now or by an earlier attempt. */
function isFree(error: unknown, { ledger, replayed }: Pick<ReportDraft, 'ledger' | 'replayed'>): boolean {
  if (!(error instanceof DealbridgeError) || error.source !== 'connector' || error.status >= 500) return false
  return !replayed && !(error instanceof OutcomeUnknown) && !(error instanceof WriteUndecided && ledger.calls > 0)
}
