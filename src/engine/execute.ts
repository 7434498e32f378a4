import type { Context, Operation, Trigger } from '../catalog/define.ts'
import type { Acting } from '../connections/acting.ts'
import type { Connections } from '../connections/connections.ts'
import type { Clock } from '../kit/clock.ts'
import { DealbridgeError } from '../kit/errors/dealbridge-error.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Logger } from '../kit/logger.ts'
import type { Metrics } from '../kit/metrics.ts'
import type { PipedriveClient } from '../pipedrive/client.ts'
import { KeyRefused } from '../pipedrive/errors/key-refused.ts'
import { OutcomeUnknown } from '../pipedrive/errors/outcome-unknown.ts'
import type { Spending } from '../pipedrive/ledger.ts'
import type { Names, Pipedrive } from '../pipedrive/pipedrive.ts'
import type { Store } from '../store/store.ts'
import type { Call } from './call.ts'
import type { Engine } from './engine.ts'
import { fillAll } from './fill.ts'
import { pollTrigger } from './polling/poll.ts'
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

interface Account {
  pipedrive: Pipedrive
  names: Names
}

export function createEngine({ client, connections, ring, clock, logger, spending, activities }: EngineParts): Engine {
  /** What every operation goes through: the key may pass, the call is counted, the account is opened. */
  async function asAccount<T>(
    operation: Operation,
    sent: Record<string, unknown>,
    call: Call,
    acting: Acting,
    run: (account: Account) => Promise<T>,
  ): Promise<T> {
    const counted = await connections.count(acting)
    call.account = connections.labelOf(acting)
    try {
      const account = client.open(acting.key, { ledger: call.ledger })
      const answer = await run(account)
      if (call.ledger.calls > 0) connections.accepted(acting)
      return answer
    } catch (error) {
      if (error instanceof KeyRefused) connections.refused(acting, call.address)
      const ours = error instanceof DealbridgeError && error.source === 'connector' && error.status < 500
      if (ours && !(error instanceof OutcomeUnknown)) await counted.refund()
      throw translateRejection(error, operation, sent)
    } finally {
      if (call.ledger.calls > 0) spending.add(call.account, operation.id, call.ledger)
    }
  }

  return {
    async execute(operation, sent, call) {
      const acting = await connections.resolve(call.credential, call.address)
      connections.admit(acting, call.address)
      const { input, extra } = validate(operation, sent)
      return asAccount(operation, sent, call, acting, async ({ pipedrive, names }) => {
        if (connections.limitsCompanies) connections.checkCompany((await names.me()).company_id)
        const reportIncomplete = (kind: string, error: unknown) => {
          call.incomplete.add(kind)
          logger.warn(
            { requestId: call.requestId, operation: operation.id, kind, reason: (error as Error).message },
            'linked records missing from an answer',
          )
        }
        // Once a write has succeeded its answer is a success; a read that cannot be answered in full is repeated by its caller.
        const onFailure = operation.effect === 'read' ? undefined : reportIncomplete
        const context: Context = {
          pipedrive,
          names,
          extra,
          fill: async (mapping, source) => (await fillAll(names, mapping, [source], onFailure))[0]!,
          warn: (message) => void call.warnings.push(message),
          now: clock.now,
        }
        return operation.run(input, context)
      })
    },

    async poll(trigger: Trigger, state, call) {
      const acting = await connections.resolve(call.credential, call.address)
      connections.admit(acting, call.address)
      return asAccount(trigger, {}, call, acting, ({ pipedrive, names }) =>
        pollTrigger({
          trigger,
          state,
          key: acting.key,
          pipedrive,
          names,
          ring,
          clock,
          activities,
          checkCompany: connections.checkCompany,
          fillAll: (mapping, sources) => fillAll(names, mapping, sources),
        }),
      )
    },
  }
}
