import { parentPort, workerData } from 'node:worker_threads'
import { openFile } from './open-file.ts'
import { sqliteStatements, type StatementResult } from './sqlite-statements.ts'
import type { BoundValue } from './bind-values.ts'

/** An Order is what the thread of a database is asked for. */
export type SqliteRequest =
  { do: 'execute'; text: string; values: readonly BoundValue[] } | { do: 'exec'; text: string } | { do: 'rollback' | 'close' }

/** An OrderAnswer is what it says, in the order in which it was asked. */
export type SqliteResponse = { result: StatementResult | undefined } | { failed: { message: string; errcode: number | undefined } }

// The thread of an embedded database: a statement that waits for the disk holds up nobody but those who wait for the database.
const database = openFile(String(workerData))
const statements = sqliteStatements(database)

function carryOut(order: SqliteRequest): StatementResult | undefined {
  if (order.do === 'execute') return statements.execute(order.text, order.values)
  if (order.do === 'exec') statements.exec(order.text)
  else if (order.do === 'rollback') statements.rollback()
  else database.close()
  return undefined
}

parentPort!.on('message', (order: SqliteRequest) => {
  let answer: SqliteResponse
  try {
    answer = { result: carryOut(order) }
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number }
    answer = { failed: { message, errcode } }
  }
  parentPort!.postMessage(answer)
  if (order.do === 'close') parentPort!.close()
})
