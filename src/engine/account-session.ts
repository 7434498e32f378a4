import type { Principal } from '../connections/principal.ts'
import type { Connections } from '../connections/connections.ts'
import { DealbridgeError } from '../kit/errors/dealbridge-error.ts'
import type { Logger } from '../kit/logger.ts'
import type { LastDate, PipedriveClient } from '../pipedrive/client.ts'
import { OutcomeUnknown } from '../pipedrive/errors/outcome-unknown.ts'
import { createLedger, type Ledger, type Spending } from '../pipedrive/ledger.ts'
import type { ReferenceData, Pipedrive } from '../pipedrive/pipedrive.ts'
import type { Deadline } from '../pipedrive/send.ts'
import type { WriteGuard } from '../pipedrive/write-guard.ts'
import type { ReportDraft } from './call-report.ts'
import { WriteUndecided } from './idempotency/errors/write-undecided.ts'

/** An UpstreamUse is what a Pipedrive account is used for. */
export interface UpstreamUse {
  /** The label for its tokens: an operationId, or the name of background work. */
  purpose: string
  /** The company, if another source knows it, such as a trigger state. */
  companyId?: number | undefined
  guard?: WriteGuard | undefined
  /** Whether this server stores the key; by default true for a connection's key. */
  isStoredKey?: boolean
  /** The ledger of the call that is charged for it. */
  chargedTo?: Ledger | undefined
}

/** An UpstreamSession is a Pipedrive account that is open for one use. */
export interface UpstreamSession {
  pipedrive: Pipedrive
  referenceData: ReferenceData
  /** It moves if the call gets more time. */
  deadline: Deadline
  /** The same account with another guard around its writes, and a deadline from now on. */
  withGuard(guard: WriteGuard | undefined): Pipedrive
  /** The last `Date` that Pipedrive sent. */
  lastDate(): LastDate | undefined
}

/** An AccountSession is the only way to Pipedrive on behalf of a principal: for calls, polls, subscriptions and deliveries. */
export interface AccountSession {
  /** Counts one call of the principal, or throws RateLimitExceeded or TooManyRefusedKeys. A call that ends with a 4xx of this connector is not counted. */
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

/** Throws KeyRefusedEarlier, ConnectionNeedsAttention or TooManyRefusedKeys for a key that need not be sent to Pipedrive. */
export type OpenAccountSession = (principal: Principal, address: string) => AccountSession

export function createAccountSessions({ client, connections, spending, logger }: AccountSessionDeps): OpenAccountSession {
  // A failure to record the state of a key must not replace the answer to a write, or the error that explains a failure.
  const notRecorded = (error: unknown) => logger.error({ error }, 'recording the state of a key failed')

  return (principal, address) => {
    connections.checkAdmission(principal, address)
    const label = connections.labelOf(principal)
    return {
      async withRateLimit(draft, run) {
        const endTrial = await connections.startTrial(principal, address)
        try {
          const count = await connections.count(principal)
          try {
            return await run()
          } catch (error) {
            if (isFree(error, draft)) await count.refund()
            throw error
          }
        } finally {
          endTrial()
        }
      },
      async withAccount(
        { purpose, companyId = principal.companyId, guard, isStoredKey = principal.connection !== undefined, chargedTo },
        run,
      ) {
        const ledger = createLedger(chargedTo)
        try {
          const open = (use: WriteGuard | undefined) =>
            client.open(principal.key, { ledger, companyId: principal.companyId, isStoredKey, guard: use })
          const upstream: UpstreamSession = { ...open(guard), withGuard: (other) => open(other).pipedrive }
          if (connections.limitsCompanies) connections.checkCompany(companyId ?? (await upstream.referenceData.me()).company_id)
          const value = await run(upstream)
          if (ledger.calls > 0) await connections.recordSuccess(principal).catch(notRecorded)
          return value
        } catch (error) {
          throw await connections.recordFailure(error, principal, address).catch((other: unknown) => {
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

/** Refusals of this connector are not counted, unless the error is about a write that was sent, now or by an earlier attempt. */
function isFree(error: unknown, { ledger, replayed }: Pick<ReportDraft, 'ledger' | 'replayed'>): boolean {
  if (!(error instanceof DealbridgeError) || error.source !== 'connector' || error.status >= 500) return false
  return !replayed && !(error instanceof OutcomeUnknown) && !(error instanceof WriteUndecided && ledger.calls > 0)
}
