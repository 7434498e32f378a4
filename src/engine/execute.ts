import type { Context, Operation, Trigger } from '../catalog/define.ts'
import type { Acting } from '../connections/acting.ts'
import type { Connections } from '../connections/connections.ts'
import type { Clock } from '../kit/clock.ts'
import { DealbridgeError } from '../kit/errors/dealbridge-error.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Logger } from '../kit/logger.ts'
import type { Metrics } from '../kit/metrics.ts'
import type { PipedriveClient } from '../pipedrive/client.ts'
import { OutcomeUnknown } from '../pipedrive/errors/outcome-unknown.ts'
import type { Spending } from '../pipedrive/ledger.ts'
import type { Names, Pipedrive } from '../pipedrive/pipedrive.ts'
import type { WriteGuard } from '../pipedrive/write-guard.ts'
import type { Store } from '../store/store.ts'
import type { Call } from './call.ts'
import type { RunningEngine } from './engine.ts'
import { fillAll } from './fill.ts'
import { WriteUndecided } from './intents/errors/write-undecided.ts'
import { sweepIntents } from './intents/housekeeping.ts'
import { checkIdempotencyKey } from './intents/intent-name.ts'
import { createIntents } from './intents/intents.ts'
import type { Outcome, Told } from './intents/stored-answer.ts'
import { actingOfPoll } from './polling/acting-of-poll.ts'
import { pollTrigger } from './polling/poll.ts'
import { openTriggerState } from './polling/trigger-state.ts'
import { translateRejection } from './translate-rejection.ts'
import { validate } from './validate.ts'

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

interface Account {
  pipedrive: Pipedrive
  names: Names
}

export function createEngine(parts: EngineParts): RunningEngine {
  const { client, connections, ring, clock, logger, spending, store, metrics, activities, hostIntents, settleSeconds } = parts
  const intents = store && createIntents({ store, clock, logger, metrics, hostIntents, settleSeconds })
  store?.every('old intents', SWEEP_EVERY_MS, () => sweepIntents(store, clock.now()))
  const unremembered = (error: unknown) => logger.error({ error }, 'what Pipedrive said of a key could not be noted')

  /** What every caller goes through: the call is counted, and given back when it has asked Pipedrive nothing. */
  async function counted<T>(call: Call, acting: Acting, run: () => Promise<T>): Promise<T> {
    const count = await connections.count(acting)
    call.account = connections.labelOf(acting)
    try {
      return await run()
    } catch (error) {
      const ours = error instanceof DealbridgeError && error.source === 'connector' && error.status < 500
      const charged = call.replayed || error instanceof OutcomeUnknown || (error instanceof WriteUndecided && call.ledger.calls > 0)
      if (ours && !charged) await count.refund()
      throw error
    }
  }

  /** What every use of Pipedrive goes through: the account is opened, and what its key is good for is remembered. */
  async function atWork<T>(
    operation: Operation,
    sent: Record<string, unknown>,
    call: Call,
    acting: Acting,
    run: (account: Account) => Promise<T>,
    guard?: WriteGuard,
  ): Promise<T> {
    try {
      const answer = await run(client.open(acting.key, { ledger: call.ledger, companyId: acting.companyId, guard }))
      // What is remembered of the key must not cost anybody the answer to a write.
      if (call.ledger.calls > 0) await connections.accepted(acting).catch(unremembered)
      return answer
    } catch (error) {
      const told = await connections.failed(error, acting, call.address).catch((other: unknown) => {
        unremembered(other)
        return error
      })
      throw translateRejection(told, operation, sent)
    } finally {
      if (call.ledger.calls > 0) spending.add(connections.labelOf(acting), operation.id, call.ledger)
    }
  }

  return {
    async execute(operation, sent, call) {
      const acting = await connections.resolve(call.credential, call.address)
      connections.admit(acting, call.address)
      const { input, extra } = validate(operation, sent)
      const writes = operation.effect !== 'read'
      if (writes) checkIdempotencyKey(call.idempotencyKey)
      const attempt = (told: Told, guard?: WriteGuard) =>
        atWork(
          operation,
          sent,
          call,
          acting,
          async ({ pipedrive, names }) => {
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
          },
          guard,
        )

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

    async poll(trigger: Trigger, state, call) {
      const before = state === undefined ? undefined : openTriggerState(state, { triggerId: trigger.id, ring })
      const acting = await actingOfPoll(before, call, connections)
      connections.admit(acting, call.address)
      return counted(call, acting, () =>
        atWork(trigger, {}, call, acting, ({ pipedrive, names }) =>
          pollTrigger({
            trigger,
            before,
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
