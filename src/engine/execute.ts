import type { Context, Trigger } from '../catalog/define.ts'
import type { Connections } from '../connections/connections.ts'
import type { Clock } from '../kit/clock.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Logger } from '../kit/logger.ts'
import type { Metrics } from '../kit/metrics.ts'
import type { PipedriveClient } from '../pipedrive/client.ts'
import type { Spending } from '../pipedrive/ledger.ts'
import type { WriteGuard } from '../pipedrive/write-guard.ts'
import type { Store } from '../store/store.ts'
import type { RunningEngine } from './engine.ts'
import { fillAll } from './fill.ts'
import { sweepIntents } from './intents/housekeeping.ts'
import { checkIdempotencyKey } from './intents/intent-name.ts'
import { createIntents } from './intents/intents.ts'
import type { Outcome, Told } from './intents/stored-answer.ts'
import { actingOfPoll } from './polling/acting-of-poll.ts'
import { pollTrigger } from './polling/poll.ts'
import { openTriggerState } from './polling/trigger-state.ts'
import { validate } from './validate.ts'
import { createWorkplace } from './workplace.ts'

export interface EngineParts {
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

export function createEngine(parts: EngineParts): RunningEngine {
  const { client, connections, ring, clock, logger, spending, store, metrics, activities, hostIntents, settleSeconds } = parts
  const intents = store && createIntents({ store, clock, logger, metrics, hostIntents, settleSeconds })
  store?.every('old intents', SWEEP_EVERY_MS, () => sweepIntents(store, clock.now()))
  const { counted, atWork } = createWorkplace({ client, connections, spending, logger })

  return {
    async execute(operation, sent, call) {
      const acting = await connections.resolve(call.credential, call.address)
      connections.admit(acting, call.address)
      const { input, extra } = validate(operation, sent)
      const writes = operation.effect !== 'read'
      if (writes) checkIdempotencyKey(call.idempotencyKey)
      const attempt = (told: Told, guard?: WriteGuard) =>
        atWork({ operation, sent, guard }, call, acting, async ({ pipedrive, names }) => {
          if (connections.limitsCompanies) connections.checkCompany((await names.me()).company_id)
          const reportIncomplete = (kind: string, error: unknown) => {
            told.incomplete.add(kind)
            logger.warn(
              { requestId: call.requestId, operation: operation.id, kind, reason: (error as Error).message },
              'linked records missing from an answer',
            )
          }
          // Once a write has succeeded its answer is a success; a read that cannot be answered in full is repeated by its caller.
          const onFailure = writes ? reportIncomplete : undefined
          const context: Context = {
            pipedrive,
            names,
            extra,
            fill: async (mapping, source) => (await fillAll(names, mapping, [source], onFailure))[0]!,
            warn: (message) => void told.warnings.push(message),
            now: clock.now,
          }
          return operation.run(input, context)
        })

      return counted(call, acting, async () => {
        if (!writes) return attempt(call)
        if (!intents) {
          if (call.idempotencyKey !== undefined) call.warnings.push(KEY_WITHOUT_STORE)
          return attempt(call)
        }
        const { requestId, idempotencyKey, trackingId } = call
        const asked = { requestId, principal: acting.principal, operation: operation.id, sent, idempotencyKey, trackingId }
        const { outcome, replayed } = await intents.run(asked, (guard) => outcomeOf((told) => attempt(told, guard)))
        call.replayed = replayed
        call.warnings.push(...outcome.told.warnings)
        for (const kind of outcome.told.incomplete) call.incomplete.add(kind)
        if (outcome.ok) return outcome.body
        throw outcome.error
      })
    },

    async poll(trigger: Trigger, sent, state, call) {
      const before = state === undefined ? undefined : openTriggerState(state, { triggerId: trigger.id, ring })
      const acting = await actingOfPoll(before, call, connections)
      connections.admit(acting, call.address)
      const { input: filters } = validate(trigger, sent)
      return counted(call, acting, () =>
        atWork({ operation: trigger, sent }, call, acting, ({ pipedrive, names }) =>
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
            checkCompany: connections.checkCompany,
            fillAll: (mapping, sources) => fillAll(names, mapping, sources),
          }),
        ),
      )
    },

    drain: () => intents?.drain(),
    close: async () => intents?.close(),
  }
}

/** An operation's answer or error, with what it said beside. */
async function outcomeOf(attempt: (told: Told) => Promise<unknown>): Promise<Outcome> {
  const told: Told = { warnings: [], incomplete: new Set() }
  try {
    return { ok: true, body: await attempt(told), told }
  } catch (error) {
    return { ok: false, error, told }
  }
}
