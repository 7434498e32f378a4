import { createSecretKey, randomBytes } from 'node:crypto'
import type { Action, Operation, OperationContext, Lookup, Trigger } from '../catalog/define.ts'
import type { Connections } from '../connections/connections.ts'
import type { Clock } from '../kit/clock.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Logger } from '../kit/logger.ts'
import type { Metrics } from '../kit/metrics.ts'
import type { PipedriveClient } from '../pipedrive/client.ts'
import { OutOfTime } from '../pipedrive/errors/out-of-time.ts'
import { isRecordError } from '../pipedrive/is-record-error.ts'
import type { Ledger, Spending } from '../pipedrive/ledger.ts'
import type { WriteGuard } from '../pipedrive/write-guard.ts'
import type { Store } from '../store/store.ts'
import { createAccountSessions, type AccountSession, type UpstreamSession } from './account-session.ts'
import type { CallContext } from './call-context.ts'
import { withReport } from './call-report.ts'
import { checkRights } from './check-rights.ts'
import type { RunningEngine } from './engine.ts'
import { fillAll } from './fill.ts'
import { sweepIdempotencyRecords } from './idempotency/housekeeping.ts'
import { checkIdempotencyKey } from './idempotency/idempotency-key.ts'
import { createIdempotency } from './idempotency/idempotency.ts'
import { noNotices, type OperationOutcome } from './idempotency/stored-answer.ts'
import { createOnce, isCreation } from './once/once.ts'
import { createProcessRuns } from './once/process-runs.ts'
import { resolvePollPrincipal } from './polling/resolve-poll-principal.ts'
import { createLostLocations } from './polling/lost-locations.ts'
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
  /** Sums the price of every call. */
  spending: Spending
  /** Whose activities the activity trigger returns. */
  activities: 'mine' | 'all'
  /** Stores idempotency records; without it a write whose outcome is unknown is a 409. */
  store: Store | undefined
  metrics: Metrics
  /** Whether x-ms-action-tracking-id is an idempotency key. */
  hostIntents: boolean
  /** How long after a broken connection the record of a write may still appear. */
  settleSeconds: number
}

/** Answers are erased within this time after they expire. */
const SWEEP_EVERY_MS = 10 * 60_000
const ONCE_WITHOUT_STORE =
  'This server has no store (--store none), so only the calls to this process since its start were compared: another process, or the search of Pipedrive before it shows a new record, can create a second one'
const KEY_WITHOUT_STORE =
  'Idempotency-Key has no effect on this server: it has no store (--store none), so a repeated call is carried out again'

export function createEngine(deps: EngineDeps): RunningEngine {
  const { client, connections, ring, clock, logger, spending, store, metrics, activities, hostIntents, settleSeconds } = deps
  const idempotency = store && createIdempotency({ store, clock, logger, metrics, hostIntents, settleSeconds })
  store?.every('old idempotency', SWEEP_EVERY_MS, () => sweepIdempotencyRecords(store, clock.now()))
  const runs = idempotency ?? createProcessRuns(clock, isCreation)
  const salt = store?.salt ?? createSecretKey(randomBytes(32))
  const lostLocations = createLostLocations({ clock, logger, metrics })
  const openSession = createAccountSessions({ client, connections, spending, logger })

  /** Reports what is missing from an answer. After a successful write the answer is a success; a read fails if the error concerns the whole call. */
  const reportIncomplete =
    ({ id, effect }: Operation, incomplete: Set<string>, { requestId }: CallContext) =>
    (kind: string, error: unknown) => {
      if (effect === 'read' && !isRecordError(error) && !(error instanceof OutOfTime)) throw error
      if (!incomplete.has(kind))
        logger.warn({ requestId, operation: id, kind, reason: (error as Error).message }, 'linked records missing from an answer')
      incomplete.add(kind)
    }

  /** One run of an operation; a write may need several. Never rejects. */
  async function runOperation(
    { operation, sent, input, extra, session, context, ledger }: OperationRun,
    guard?: WriteGuard,
    callName?: string,
  ): Promise<OperationOutcome> {
    const notices = noNotices()
    const onFailure = reportIncomplete(operation, notices.incomplete, context)
    const operationContext = (upstream: UpstreamSession): OperationContext => ({
      pipedrive: upstream.pipedrive,
      referenceData: upstream.referenceData,
      extra,
      fillAll: (mapping, sources) => fillAll(upstream.referenceData, mapping, sources, onFailure),
      fill: async (mapping, source) => (await fillAll(upstream.referenceData, mapping, [source], onFailure))[0]!,
      optional: (kind, reading, otherwise) =>
        reading.catch((error: unknown) => {
          onFailure(kind, error)
          return otherwise
        }),
      once(sought, calls) {
        if (!idempotency) notices.warnings.push(ONCE_WITHOUT_STORE)
        const { requestId } = context
        return createOnce(
          { runs, clock, salt, settleMs: settleSeconds * 1_000 },
          { upstream, operation: operation.id, requestId, guard, callName },
        )(sought, calls)
      },
      warn: (message) => void notices.warnings.push(message),
      now: clock.now,
    })
    try {
      const use = { purpose: operation.id, guard, chargedTo: ledger }
      const body = await session.withAccount(use, (upstream) => operation.run(input, operationContext(upstream)))
      return { ok: true, body, notices }
    } catch (error) {
      return { ok: false, error: translateRejection(error, operation, sent), notices }
    }
  }

  return {
    execute: (operation, sent, context) =>
      withReport(async (draft) => {
        const principal = await connections.resolve(context.credential, context.address)
        draft.account = connections.labelOf(principal)
        checkRights(principal, operation)
        const session = openSession(principal, context.address)
        const { input, extra, warnings } = validate(operation, sent)
        const writes = operation.effect !== 'read'
        const { requestId, idempotencyKey, trackingId } = context
        if (writes) checkIdempotencyKey(idempotencyKey)
        return session.withRateLimit(draft, async () => {
          const run: OperationRun = { operation, sent, input, extra, session, context, ledger: draft.ledger }
          const request = { requestId, principal: principal.principal, operation: operation.id, sent, idempotencyKey, trackingId }
          const { outcome, replayed } =
            writes && idempotency
              ? await idempotency.run(request, (guard, name) => runOperation(run, guard, name))
              : { outcome: await runOperation(run), replayed: false }
          const hasNoEffect = writes && !idempotency && idempotencyKey !== undefined
          draft.replayed = replayed
          draft.warnings = [...(hasNoEffect ? [KEY_WITHOUT_STORE] : []), ...warnings, ...outcome.notices.warnings]
          draft.incomplete = outcome.notices.incomplete
          if (outcome.ok) return outcome.body
          throw outcome.error
        })
      }),

    poll: (trigger: Trigger, sent, state, context) =>
      withReport(async (draft) => {
        const before = state === undefined ? undefined : openTriggerState(state, { triggerId: trigger.id, ring })
        const principal = await resolvePollPrincipal(before, context, connections)
        draft.account = connections.labelOf(principal)
        checkRights(principal, trigger)
        const session = openSession(principal, context.address)
        const { input: filters } = validate(trigger, sent)
        const incomplete = new Set<string>()
        draft.incomplete = incomplete
        const onFailure = reportIncomplete(trigger, incomplete, context)
        // The state holds its company, so an idle poll need not read users/me.
        const companyId = before?.madeWith(principal.key) ? before.companyId : undefined
        const outcome = await session.withRateLimit(draft, () =>
          session.withAccount({ purpose: trigger.id, companyId, chargedTo: draft.ledger }, ({ pipedrive, referenceData }) =>
            pollTrigger({
              trigger,
              before,
              filters,
              principal,
              pipedrive,
              referenceData,
              ring,
              clock,
              metrics,
              activities,
              fillAll: (mapping, sources) => fillAll(referenceData, mapping, sources, onFailure),
            }),
          ),
        )
        lostLocations.record({ triggerId: trigger.id, principal: principal.principal, account: draft.account, before })
        return outcome
      }),

    drain: () => idempotency?.drain(),
    close: async () => idempotency?.close(),
  }
}

/** The input of every run of one operation. */
interface OperationRun {
  operation: Action | Lookup
  sent: Record<string, unknown>
  input: Record<string, unknown>
  extra: Record<string, unknown>
  session: AccountSession
  context: CallContext
  ledger: Ledger
}
