import { sql, type Kysely } from 'kysely'
import type { Tables } from './tables.ts'
import { tableNames } from './table-names.ts'

/** Table by table: PGlite holds up the whole process while a statement runs. */
export async function vacuum(db: Kysely<Tables>): Promise<void> {
  for (const table of tableNames) await sql`vacuum (analyze) ${sql.table(table)}`.execute(db)
}
