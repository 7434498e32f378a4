import { parentPort, workerData } from 'node:worker_threads'
import { openFile } from './open-file.ts'
import { sqliteStatements, type Script, type Statement, type StatementResult } from './sqlite-statements.ts'

/** An Order is what the thread of a database is asked for. */
export type Order = { do: 'execute'; statement: Statement } | { do: 'run'; script: Script } | { do: 'commit' | 'rollback' | 'close' }

/** An OrderAnswer is what it says, in the order in which it was asked. */
export type OrderAnswer = { results: StatementResult[] } | { failed: { message: string; errcode: number | undefined } }

// The thread of an embedded database: a statement that waits for the disk delays only the callers of the database.
const database = openFile(String(workerData))
const statements = sqliteStatements(database)

function carryOut(order: Order): StatementResult[] {
  if (order.do === 'execute') return [statements.execute(order.statement)]
  if (order.do === 'run') return statements.run(order.script)
  if (order.do === 'commit') statements.commit()
  else if (order.do === 'rollback') statements.rollback()
  else database.close()
  return []
}

parentPort!.on('message', (order: Order) => {
  let answer: OrderAnswer
  try {
    answer = { results: carryOut(order) }
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number }
    answer = { failed: { message, errcode } }
  }
  parentPort!.postMessage(answer)
  if (order.do === 'close') parentPort!.close()
})
