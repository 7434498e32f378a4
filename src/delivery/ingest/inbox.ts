import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../kit/clock.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
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

/** The embedded database does one thing at a time, and a statement should stay short. */
const LARGEST_GROUP = 250
/** For people who wonder when the last one came. */
const NOTED_EVERY_MS = 10_000

interface PendingEntry {
  sourceId: string
  body: string
  receivedAt: Date
  resolve(): void
  reject(error: unknown): void
}

/** While one group is being committed the next one gathers: the busier, the larger, and no body waits for more than one commit before its own. */
export function createInbox({ store, clock }: { store: Store; clock: Clock }): Inbox {
  let waiting: PendingEntry[] = []
  let writing: Promise<void> | undefined

  const write = (group: readonly PendingEntry[]) =>
    store.transaction(async (trx) => {
      const now = new Date(clock.now())
      await trx
        .insertInto('inbox')
        .values(group.map(({ sourceId, body, receivedAt }) => ({ source_id: sourceId, body, received_at: receivedAt })))
        .execute()
      const noted = new Date(now.getTime() - NOTED_EVERY_MS)
      await trx
        .updateTable('sources')
        .set(({ fn, val }) => ({ due_at: fn('least', ['due_at', val(now)]), last_webhook_at: now }))
        // In one order for all, so that two groups never wait for each other; and not for those who only refer to the row.
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('sources')
            .select('id')
            .where('id', 'in', [...new Set(group.map(({ sourceId }) => sourceId))])
            .where(({ eb, or }) => or([eb('due_at', '>', now), eb('last_webhook_at', 'is', null), eb('last_webhook_at', '<', noted)]))
            .orderBy('id')
            .forNoKeyUpdate(),
        )
        .execute()
    })

  /** A connection that broke is another one now. While the database is away all fail at once: one by one, those who come later would wait for minutes. */
  async function tryAgain(group: readonly PendingEntry[], error: unknown): Promise<void> {
    if (error instanceof StoreUnavailable)
      return write(group).then(
        () => group.forEach(({ resolve }) => resolve()),
        (again: unknown) => group.forEach(({ reject }) => reject(again)),
      )
    // One whose source has just ended takes nobody with it.
    if (group.length === 1) group[0]!.reject(error)
    else for (const one of group) await write([one]).then(one.resolve, one.reject)
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      // All requests that have arrived are read first: they share the commit.
      await nextTurn()
      const group = waiting.slice(0, LARGEST_GROUP)
      waiting = waiting.slice(LARGEST_GROUP)
      try {
        await write(group)
        for (const { resolve } of group) resolve()
        // Answers first: sorting takes the same database, and with an embedded one the same thread.
        if (waiting.length === 0) store.signal(SOURCES)
      } catch (error) {
        await tryAgain(group, error)
        store.signal(SOURCES)
      }
    }
  }

  return {
    put: (sourceId, body) =>
      new Promise((resolve, reject) => {
        waiting.push({ sourceId, body: jsonText(body), receivedAt: new Date(clock.now()), resolve, reject })
        writing ??= writeAll().finally(() => (writing = undefined))
      }),
    async close() {
      await writing
    },
  }
}
