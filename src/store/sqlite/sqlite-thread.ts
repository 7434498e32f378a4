import { parentPort, workerData } from 'node:worker_threads'
import { openFile } from './open-file.ts'
import { sqliteStatements, type StatementResult } from './sqlite-statements.ts'
import type { BoundValue } from './bind-values.ts'

/** A SqliteRequest is a message to the thread of a database. */
export type SqliteRequest =
  { do: 'execute'; text: string; values: readonly BoundValue[] } | { do: 'exec'; text: string } | { do: 'rollback' | 'close' }

/** A SqliteResponse is the answer of the thread, in the order of the requests. */
export type SqliteResponse = { result: StatementResult | undefined } | { failed: { message: string; errcode: number | undefined } }

// The embedded database runs in its own thread, so that a statement that waits for the disk does not block the event loop.
const database = openFile(String(workerData))
const statements = sqliteStatements(database)

function handle(request: SqliteRequest): StatementResult | undefined {
  if (request.do === 'execute') return statements.execute(request.text, request.values)
  if (request.do === 'exec') statements.exec(request.text)
  else if (request.do === 'rollback') statements.rollback()
  else database.close()
  return undefined
}

parentPort!.on('message', (request: SqliteRequest) => {
  let response: SqliteResponse
  try {
    response = { result: handle(request) }
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number }
    response = { failed: { message, errcode } }
  }
  parentPort!.postMessage(response)
  if (request.do === 'close') parentPort!.close()
})
