import type { Action, OperationContext, Lookup, Trigger } from '../catalog/define.ts'
import type { Connections } from '../connections/connections.ts'
import type { Clock } from '../kit/clock.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Logger } from '../kit/logger.ts'
import type { Metrics } from '../kit/metrics.ts'
import type { PipedriveClient } from '../pipedrive/client.ts'
import type { Ledger, Spending } from '../pipedrive/ledger.ts'
import type { WriteGuard } from '../pipedrive/write-guard.ts'
import type { Store } from '../store/store.ts'
import { createAccountSessions, type AccountSession, type UpstreamSession } from './account-session.ts'
import type { CallContext } from './call-context.ts'
import { withReport } from './call-report.ts'
import type { RunningEngine } from './engine.ts'
import { fillAll } from './fill.ts'
import { sweepIdempotencyRecords } from './idempotency/housekeeping.ts'
import { checkIdempotencyKey } from './idempotency/idempotency-key.ts'
import { createIdempotency } from './idempotency/idempotency.ts'
import type { OperationOutcome, Notices } from './idempotency/stored-answer.ts'
import { resolvePollPrincipal } from './polling/resolve-poll-principal.ts'
import { pollTrigger } from './polling/poll.ts'
import { openTriggerState } from './polling/trigger-state.ts'
import { translateRejection } from './translate-rejection.ts'
import { validate } from './validate.ts'

export interface EngineDeps {
  client: PipedriveClient
  connections: Connections
  ring: KeyRing
  clock: Clock
  logger: Logger
  /** Where the price of every call is added up. */
  spending: Spending
  /** Whose activities the activity trigger answers. */
  activities: 'mine' | 'all'
  /** Where intents are kept; without it a write whose outcome is unknown is a 409. */
  store: Store | undefined
  metrics: Metrics
  /** Whether x-ms-action-tracking-id names an intent. */
  hostIntents: boolean
  /** How long after a broken connection a write may still appear. */
  settleSeconds: number
}

/** Answers are erased within this time of their end. */
const SWEEP_EVERY_MS = 10 * 60_000
const KEY_WITHOUT_STORE =
  'Idempotency-Key has no effect on this server: it keeps no store (--store none), so a repeated call is carried out again'

export function createEngine(deps: EngineDeps): RunningEngine {
  const { client, connections, ring, clock, logger, spending, store, metrics, activities, hostIntents, settleSeconds } = deps
  const intents = store && createIdempotency({ store, clock, logger, metrics, hostIntents, settleSeconds })
  store?.every('old intents', SWEEP_EVERY_MS, () => sweepIdempotencyRecords(store, clock.now()))
  const openSession = createAccountSessions({ client, connections, spending, logger })

  /** One run of an operation, which a write may need several of. Never rejects. */
  async function runOperation(
    { operation, sent, input, extra, session, context, ledger }: OperationRun,
    guard?: WriteGuard,
  ): Promise<OperationOutcome> {
    const told: Notices = { warnings: [], incomplete: new Set() }
    const reportIncomplete = (kind: string, error: unknown) => {
      told.incomplete.add(kind)
      logger.warn(
        { requestId: context.requestId, operation: operation.id, kind, reason: (error as Error).message },
        'linked records missing from an answer',
      )
    }
    // Once a write has succeeded its answer is a success; a read that cannot be answered in full is repeated by its caller.
    const onFailure = operation.effect === 'read' ? undefined : reportIncomplete
    const operationContext = ({ pipedrive, names }: UpstreamSession): OperationContext => ({
      pipedrive,
      referenceData: names,
      extra,
      fill: async (mapping, source) => (await fillAll(names, mapping, [source], onFailure))[0]!,
      warn: (message) => void told.warnings.push(message),
      now: clock.now,
    })
    try {
      const use = { purpose: operation.id, guard, chargedTo: ledger }
      const body = await session.withAccount(use, (upstream) => operation.run(input, operationContext(upstream)))
      return { ok: true, body, told }
    } catch (error) {
      return { ok: false, error: translateRejection(error, operation, sent), told }
    }
  }

  return {
    execute: (operation, sent, context) =>
      withReport(async (draft) => {
        const acting = await connections.resolve(context.credential, context.address)
        draft.account = connections.labelOf(acting)
        const session = openSession(acting, context.address)
        const { input, extra } = validate(operation, sent)
        const writes = operation.effect !== 'read'
        const { requestId, idempotencyKey, trackingId } = context
        if (writes) checkIdempotencyKey(idempotencyKey)
        return session.withRateLimit(draft, async () => {
          const run: OperationRun = { operation, sent, input, extra, session, context, ledger: draft.ledger }
          const asked = { requestId, principal: acting.principal, operation: operation.id, sent, idempotencyKey, trackingId }
          const { outcome, replayed } =
            writes && intents
              ? await intents.run(asked, (guard) => runOperation(run, guard))
              : { outcome: await runOperation(run), replayed: false }
          const withoutEffect = writes && !intents && idempotencyKey !== undefined
          draft.replayed = replayed
          draft.warnings = [...(withoutEffect ? [KEY_WITHOUT_STORE] : []), ...outcome.told.warnings]
          draft.incomplete = outcome.told.incomplete
          if (outcome.ok) return outcome.body
          throw outcome.error
        })
      }),

    poll: (trigger: Trigger, sent, state, context) =>
      withReport(async (draft) => {
        const before = state === undefined ? undefined : openTriggerState(state, { triggerId: trigger.id, ring })
        const acting = await resolvePollPrincipal(before, context, connections)
        draft.account = connections.labelOf(acting)
        const session = openSession(acting, context.address)
        const { input: filters } = validate(trigger, sent)
        // The state knows its company, so an idle poll need not ask whom the key acts as.
        const companyId = before?.madeWith(acting.key) ? before.companyId : undefined
        return session.withRateLimit(draft, () =>
          session.withAccount({ purpose: trigger.id, companyId, chargedTo: draft.ledger }, ({ pipedrive, names }) =>
            pollTrigger({
              trigger,
              before,
              filters,
              acting,
              pipedrive,
              names,
              ring,
              clock,
              metrics,
              activities,
              fillAll: (mapping, sources) => fillAll(names, mapping, sources),
            }),
          ),
        )
      }),

    drain: () => intents?.drain(),
    close: async () => intents?.close(),
  }
}

/** What every run of one operation starts from. */
interface OperationRun {
  operation: Action | Lookup
  sent: Record<string, unknown>
  input: Record<string, unknown>
  extra: Record<string, unknown>
  session: AccountSession
  context: CallContext
  ledger: Ledger
}
