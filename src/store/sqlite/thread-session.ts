import { Worker } from 'node:worker_threads'
import { SqliteError } from './sqlite-error.ts'
import type { SqliteSession } from './sqlite-driver.ts'
import type { Order, OrderAnswer } from './sqlite-thread.ts'
import type { StatementResult } from './sqlite-statements.ts'

/** A ThreadSession is a database in its own thread. */
export interface ThreadSession extends SqliteSession {
  close(): Promise<void>
}

/** What SQLite calls an error of input or output: the thread is gone, and with it the database until the next start. */
const SQLITE_IOERR = 10

const NOTHING: StatementResult = { rows: [], affected: 0n, typed: [] }

/** Beside this file, in TypeScript or compiled. */
const THREAD = new URL(import.meta.url.replace(/[^/]+(\.[jt]s)$/, 'sqlite-thread$1'))

export function threadSession(file: string): ThreadSession {
  const worker = new Worker(THREAD, { workerData: file })
  const waiting: PromiseWithResolvers<StatementResult[]>[] = []
  let lost: Error | undefined

  const lose = (error: Error): void => {
    lost ??= new SqliteError(Object.assign(new Error(`the thread of the database has ended: ${error.message}`), { errcode: SQLITE_IOERR }))
    for (const { reject } of waiting.splice(0)) reject(lost)
  }
  worker.on('error', lose)
  worker.on('exit', (code) => lose(new Error(`exit code ${code}`)))
  worker.on('message', (answer: OrderAnswer) => {
    const { resolve, reject } = waiting.shift()!
    // A process that waits for nothing else may end.
    if (waiting.length === 0) worker.unref()
    if ('results' in answer) return resolve(answer.results)
    const { message, errcode } = answer.failed
    reject(errcode === undefined ? new Error(message) : new SqliteError(Object.assign(new Error(message), { errcode })))
  })
  worker.unref()

  const order = (what: Order): Promise<StatementResult[]> => {
    if (lost) return Promise.reject(lost)
    const answer = Promise.withResolvers<StatementResult[]>()
    if (waiting.push(answer) === 1) worker.ref()
    worker.postMessage(what)
    return answer.promise
  }
  return {
    execute: async (statement) => (await order({ do: 'execute', statement }))[0] ?? NOTHING,
    run: (script) => order({ do: 'run', script }),
    commit: async () => void (await order({ do: 'commit' })),
    rollback: async () => void (await order({ do: 'rollback' })),
    async close() {
      await order({ do: 'close' })
      await worker.terminate()
    },
  }
}
