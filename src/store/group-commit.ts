import { setImmediate as nextTurn } from 'node:timers/promises'
import { StoreUnavailable } from './errors/store-unavailable.ts'

/** A GroupCommit writes items that arrive together in one transaction, or looks them up in one statement: a busier process has larger groups, and fewer commits per item. */
export interface GroupCommit<Item, Answer> {
  /** Resolves when the item is durable, and never before. */
  write(item: Item): Promise<Answer>
  /** Waits for the writes in progress. */
  drain(): Promise<void>
}

/** Keeps statements short: the embedded database runs one at a time. */
const LARGEST_GROUP = 250

interface Waiter<Item, Answer> {
  item: Item
  resolve(answer: Answer): void
  reject(error: unknown): void
}

export interface GroupCommitOptions<Item, Answer> {
  /** Writes all items or none, and returns one answer per item, in order. */
  save(items: readonly Item[]): Promise<readonly Answer[]>
  /** Whether a group may be saved again if the database failed before it answered; its items may then be stored twice. */
  mayRepeat?: boolean
}

/** The next group gathers during a write: no item waits for more than one commit before its own. */
export function createGroupCommit<Item, Answer>({ save, mayRepeat = false }: GroupCommitOptions<Item, Answer>): GroupCommit<Item, Answer> {
  let waiting: Waiter<Item, Answer>[] = []
  let writing: Promise<void> | undefined

  const write = async (group: readonly Waiter<Item, Answer>[]): Promise<void> => {
    const answers = await save(group.map(({ item }) => item))
    for (const [at, { resolve }] of group.entries()) resolve(answers[at]!)
  }

  async function tryAgain(group: readonly Waiter<Item, Answer>[], error: unknown): Promise<void> {
    const rejectAll = (why: unknown) => group.forEach(({ reject }) => reject(why))
    // The pool has replaced the broken connection. While the database is down the whole group fails at once: one by one, later items would wait for minutes.
    if (error instanceof StoreUnavailable) return mayRepeat ? write(group).catch(rejectAll) : rejectAll(error)
    // An item that cannot be written does not fail the others.
    if (group.length === 1) rejectAll(error)
    else for (const one of group) await write([one]).catch(one.reject)
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      // Lets the process read all requests that have arrived, so that they share the commit.
      await nextTurn()
      const group = waiting.slice(0, LARGEST_GROUP)
      waiting = waiting.slice(LARGEST_GROUP)
      await write(group).catch((error: unknown) => tryAgain(group, error))
    }
    // In the same turn as the last check, so that a later item starts a new round.
    writing = undefined
  }

  return {
    write: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        writing ??= writeAll()
      }),
    async drain() {
      await writing
    },
  }
}
