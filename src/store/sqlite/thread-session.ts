import { Worker } from 'node:worker_threads'
import { SqliteError } from './sqlite-error.ts'
import type { SqliteSession } from './sqlite-driver.ts'
import type { SqliteRequest, SqliteResponse } from './sqlite-thread.ts'
import type { StatementResult } from './sqlite-statements.ts'

/** A ThreadSession is a database in its own thread. */
export interface ThreadSession extends SqliteSession {
  close(): Promise<void>
}

/** SQLite's code for an I/O error. Used if the thread has died: the database is then unavailable until the next start. */
const SQLITE_IOERR = 10

const NOTHING: StatementResult = { rows: [], affected: 0n, typed: [] }

/** Beside this file, in TypeScript or compiled. */
const THREAD = new URL(import.meta.url.replace(/[^/]+(\.[jt]s)$/, 'sqlite-thread$1'))

export function threadSession(file: string): ThreadSession {
  const worker = new Worker(THREAD, { workerData: file })
  const waiting: PromiseWithResolvers<StatementResult>[] = []
  let lost: Error | undefined

  const lose = (error: Error): void => {
    lost ??= new SqliteError(Object.assign(new Error(`the database thread has stopped: ${error.message}`), { errcode: SQLITE_IOERR }))
    for (const { reject } of waiting.splice(0)) reject(lost)
  }
  worker.on('error', lose)
  worker.on('exit', (code) => lose(new Error(`exit code ${code}`)))
  worker.on('message', (response: SqliteResponse) => {
    const { resolve, reject } = waiting.shift()!
    // An idle thread must not keep the process alive.
    if (waiting.length === 0) worker.unref()
    if ('result' in response) return resolve(response.result ?? NOTHING)
    const { message, errcode } = response.failed
    reject(errcode === undefined ? new Error(message) : new SqliteError(Object.assign(new Error(message), { errcode })))
  })
  worker.unref()

  const send = (request: SqliteRequest): Promise<StatementResult> => {
    if (lost) return Promise.reject(lost)
    const answer = Promise.withResolvers<StatementResult>()
    if (waiting.push(answer) === 1) worker.ref()
    worker.postMessage(request)
    return answer.promise
  }
  return {
    execute: (text, values) => send({ do: 'execute', text, values }),
    exec: async (text) => void (await send({ do: 'exec', text })),
    rollback: async () => void (await send({ do: 'rollback' })),
    async close() {
      await send({ do: 'close' })
      await worker.terminate()
    },
  }
}
