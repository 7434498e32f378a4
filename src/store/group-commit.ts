import { setImmediate as nextTurn } from 'node:timers/promises'
import { StoreUnavailable } from './errors/store-unavailable.ts'

/** A GroupCommit writes what arrives together in one transaction: the busier the process, the larger the groups, and the fewer the commits. */
export interface GroupCommit<Item, Answer> {
  /** Resolves when the item is durable, and never before. */
  write(item: Item): Promise<Answer>
  /** Waits for what is being written. */
  drain(): Promise<void>
}

/** A statement should stay short: the embedded database does one thing at a time. */
const LARGEST_GROUP = 250

interface Waiter<Item, Answer> {
  item: Item
  resolve(answer: Answer): void
  reject(error: unknown): void
}

export interface GroupCommitOptions<Item, Answer> {
  /** Writes all items or none, and answers one by one in their order. */
  save(items: readonly Item[]): Promise<readonly Answer[]>
  /** Whether a group may be saved again when the database went away before it answered: then its items may be there twice. */
  mayRepeat?: boolean
}

/** While one group is being written the next one gathers: no item waits for more than one commit before its own. */
export function createGroupCommit<Item, Answer>({ save, mayRepeat = false }: GroupCommitOptions<Item, Answer>): GroupCommit<Item, Answer> {
  let waiting: Waiter<Item, Answer>[] = []
  let writing: Promise<void> | undefined

  const write = async (group: readonly Waiter<Item, Answer>[]): Promise<void> => {
    const answers = await save(group.map(({ item }) => item))
    for (const [at, { resolve }] of group.entries()) resolve(answers[at]!)
  }

  async function tryAgain(group: readonly Waiter<Item, Answer>[], error: unknown): Promise<void> {
    const rejectAll = (why: unknown) => group.forEach(({ reject }) => reject(why))
    // A connection that broke is another one now. While the database is away all fail at once: one by one, those who come later would wait for minutes.
    if (error instanceof StoreUnavailable) return mayRepeat ? write(group).catch(rejectAll) : rejectAll(error)
    // One that cannot be written takes nobody with it.
    if (group.length === 1) rejectAll(error)
    else for (const one of group) await write([one]).catch(one.reject)
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      // All requests that have arrived are read first: they share the commit.
      await nextTurn()
      const group = waiting.slice(0, LARGEST_GROUP)
      waiting = waiting.slice(LARGEST_GROUP)
      await write(group).catch((error: unknown) => tryAgain(group, error))
    }
    // In the same turn as the last look: who comes after it begins another round.
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
