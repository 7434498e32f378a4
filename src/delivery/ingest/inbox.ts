import type { Clock } from '../../kit/clock.ts'
import { createGroupCommit } from '../../store/group-commit.ts'
import { jsonText } from '../../store/json-text.ts'
import type { Store } from '../../store/store.ts'
import { SOURCES } from '../deps.ts'

/** An Inbox stores the webhooks that were acknowledged with 200 and are not processed yet. */
export interface Inbox {
  /** Resolves when the body is durable. Bodies that arrive together share a commit. */
  put(sourceId: string, body: Record<string, unknown>): Promise<void>
  /** Waits for pending writes. */
  close(): Promise<void>
}

/** How precise `last_webhook_at` is. */
const LAST_WEBHOOK_STEP_MS = 10_000

/** A PendingBody is a webhook's body that is not durable yet. */
interface PendingBody {
  sourceId: string
  body: string
  receivedAt: Date
}

export function createInbox({ store, clock }: { store: Store; clock: Clock }): Inbox {
  async function save(bodies: readonly PendingBody[]): Promise<undefined[]> {
    const now = new Date(clock.now())
    const stale = new Date(now.getTime() - LAST_WEBHOOK_STEP_MS)
    await store.engine.inOneCommit(store.db, [
      store.db
        .insertInto('inbox')
        .values(bodies.map(({ sourceId, body, receivedAt }) => ({ source_id: sourceId, body, received_at: receivedAt })))
        .compile(),
      store.db
        .updateTable('sources')
        .set(({ fn, val }) => ({ due_at: fn('least', ['due_at', val(now)]), last_webhook_at: now }))
        // In the order of their ids, so that two groups never wait for each other; the lock does not block rows that only refer to a source.
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('sources')
            .select('id')
            .where('id', 'in', [...new Set(bodies.map(({ sourceId }) => sourceId))])
            .where(({ eb, or }) => or([eb('due_at', '>', now), eb('last_webhook_at', 'is', null), eb('last_webhook_at', '<', stale)]))
            .orderBy('id')
            .forNoKeyUpdate(),
        )
        .compile(),
    ])
    // Pending responses go first: processing uses the same database, and with an embedded one the same thread.
    setImmediate(() => store.signal(SOURCES))
    return bodies.map(() => undefined)
  }
  // Processing deduplicates a webhook that is stored twice.
  const group = createGroupCommit({ save, mayRepeat: true })

  return {
    put: (sourceId, body) => group.write({ sourceId, body: jsonText(body), receivedAt: new Date(clock.now()) }),
    close: group.drain,
  }
}
