import type { Operation } from '../catalog/define.ts'
import type { Acting } from '../connections/acting.ts'
import type { Connections } from '../connections/connections.ts'
import { DealbridgeError } from '../kit/errors/dealbridge-error.ts'
import type { Logger } from '../kit/logger.ts'
import type { PipedriveClient } from '../pipedrive/client.ts'
import { OutcomeUnknown } from '../pipedrive/errors/outcome-unknown.ts'
import type { Spending } from '../pipedrive/ledger.ts'
import type { Names, Pipedrive } from '../pipedrive/pipedrive.ts'
import type { WriteGuard } from '../pipedrive/write-guard.ts'
import type { Call } from './call.ts'
import { WriteUndecided } from './intents/errors/write-undecided.ts'
import { translateRejection } from './translate-rejection.ts'

/** An Account is Pipedrive as one caller may use it. */
export interface Account {
  pipedrive: Pipedrive
  names: Names
}

/** A Job is one use of Pipedrive: which operation, and what was sent to it. */
export interface Job {
  operation: Operation
  sent: Record<string, unknown>
  guard?: WriteGuard | undefined
}

/** A Workplace is what every call of Pipedrive on behalf of a caller goes through. */
export interface Workplace {
  /** The call is counted, and given back when it has asked Pipedrive nothing. */
  counted<T>(call: Call, acting: Acting, run: () => Promise<T>): Promise<T>
  /** The account is opened, and what its key is good for is remembered. */
  atWork<T>(job: Job, call: Call, acting: Acting, run: (account: Account) => Promise<T>): Promise<T>
}

export interface WorkplaceParts {
  client: PipedriveClient
  connections: Connections
  spending: Spending
  logger: Logger
}

export function createWorkplace({ client, connections, spending, logger }: WorkplaceParts): Workplace {
  const unremembered = (error: unknown) => logger.error({ error }, 'what Pipedrive said of a key could not be noted')
  return {
    async counted(call, acting, run) {
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
    },

    async atWork({ operation, sent, guard }, call, acting, run) {
      try {
        const answer = await run(
          client.open(acting.key, { ledger: call.ledger, companyId: acting.companyId, isKeptKey: acting.connection !== undefined, guard }),
        )
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
    },
  }
}
