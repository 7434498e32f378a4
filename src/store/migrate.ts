import { sql, type Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { version } from '../kit/version.ts'
import { StoreUnusable } from './errors/store-unusable.ts'

/** The first migration of version 0.1, which was never released and had different tables. */
const FIRST_OF_0_1 = '0001-connections-and-intents'

/** Brings the tables up to date. Several processes may do it at once: one of them migrates, the others wait. */
export async function migrate<DB>(db: Kysely<DB>, known: Record<string, Migration>): Promise<void> {
  refuseUnknown(await appliedMigrations(db), Object.keys(known).sort())
  const { error } = await new Migrator({ db, provider: { getMigrations: () => Promise.resolve(known) } }).migrateToLatest()
  if (error) throw error as Error
}

/** By name, in order; empty if there are no tables yet. */
export async function appliedMigrations<DB>(db: Kysely<DB>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return rows.map(({ name }) => name)
}

/** An older program on newer tables would write rows that the newer one cannot read. */
function refuseUnknown(applied: readonly string[], known: readonly string[]): void {
  if (applied.includes(FIRST_OF_0_1))
    throw new StoreUnusable(
      'This database has the tables of Dealbridge 0.1, which this version cannot read.',
      'They were left unchanged. Use an empty database (another one in DATABASE_URL, or another --data), and add the connections again.',
    )
  const unknown = applied.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new StoreUnusable(
      `The database is newer than this program: it has ${unknown.join(', ')}, and Dealbridge ${version} knows the tables up to ${known.at(-1)}.`,
      'Run the version that created it, or a newer one. To go back, restore the backup from before the upgrade.',
    )
}
