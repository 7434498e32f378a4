import { RawNode, type CompiledQuery, type QueryId } from 'kysely'

/** A ScriptQuery is statements that are one transaction: the thread of the database gets one message for all. Its rows are the rows of each. */
export class ScriptQuery implements CompiledQuery<readonly Record<string, unknown>[]> {
  readonly query = RawNode.createWithSql('')
  readonly sql = ''
  readonly parameters = []
  readonly queryId: QueryId
  readonly statements: readonly CompiledQuery[]
  readonly isLazy: boolean

  constructor(statements: readonly [CompiledQuery, ...CompiledQuery[]], isLazy: boolean) {
    this.statements = statements
    this.isLazy = isLazy
    this.queryId = statements[0].queryId
  }
}
