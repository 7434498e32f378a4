import type { Clock } from '../../kit/clock.ts'
import { createGroupCommit } from '../../store/group-commit.ts'
import { jsonText } from '../../store/json-text.ts'
import type { Store } from '../../store/store.ts'
import { SOURCES } from '../deps.ts'

/** An Inbox is where webhooks lie that were answered with 200 and are not sorted yet. */
export interface Inbox {
  /** Resolves when the body is durable. Many that come at once share a commit. */
  put(sourceId: string, body: Record<string, unknown>): Promise<void>
  /** Waits for what is being written. */
  close(): Promise<void>
}

/** For people who wonder when the last one came. */
const NOTED_EVERY_MS = 10_000

/** A Letter is a body that is not durable yet. */
interface Letter {
  sourceId: string
  body: string
  receivedAt: Date
}

export function createInbox({ store, clock }: { store: Store; clock: Clock }): Inbox {
  async function save(letters: readonly Letter[]): Promise<undefined[]> {
    await store.transaction(async (trx) => {
      const now = new Date(clock.now())
      await trx
        .insertInto('inbox')
        .values(letters.map(({ sourceId, body, receivedAt }) => ({ source_id: sourceId, body, received_at: receivedAt })))
        .execute()
      const noted = new Date(now.getTime() - NOTED_EVERY_MS)
      await trx
        .updateTable('sources')
        .set(({ fn, val }) => ({ due_at: fn('least', ['due_at', val(now)]), last_webhook_at: now }))
        // In one order for all, so that two groups never wait for each other; and not for those who only refer to the row.
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('sources')
            .select('id')
            .where('id', 'in', [...new Set(letters.map(({ sourceId }) => sourceId))])
            .where(({ eb, or }) => or([eb('due_at', '>', now), eb('last_webhook_at', 'is', null), eb('last_webhook_at', '<', noted)]))
            .orderBy('id')
            .forNoKeyUpdate(),
        )
        .execute()
    })
    // Answers first: sorting takes the same database, and with an embedded one the same thread.
    setImmediate(() => store.signal(SOURCES))
    return letters.map(() => undefined)
  }
  // A webhook that is there twice is told once.
  const group = createGroupCommit({ save, mayRepeat: true })

  return {
    put: (sourceId, body) => group.write({ sourceId, body: jsonText(body), receivedAt: new Date(clock.now()) }),
    close: group.drain,
  }
}
