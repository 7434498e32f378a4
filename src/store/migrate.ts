import { sql, type Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { version } from '../kit/version.ts'
import { migrations } from './migrations/index.ts'

/** What the tables look like, by the last migration that made them so. */
export const latestMigration = (known: Record<string, Migration> = migrations): string => Object.keys(known).sort().at(-1)!

/** Brings the tables up to date. Several processes may do it at once: PostgreSQL lets one, the others wait and find it done. */
export async function migrate<DB>(db: Kysely<DB>, known: Record<string, Migration> = migrations): Promise<void> {
  await refuseNewer(db, known)
  const { error } = await new Migrator({ db, provider: { getMigrations: () => Promise.resolve(known) } }).migrateToLatest()
  if (error) throw error as Error
}

/** An older program on newer tables would write rows that the newer one cannot read. */
async function refuseNewer<DB>(db: Kysely<DB>, known: Record<string, Migration>): Promise<void> {
  const { rows: tables } = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(db)
  if (!tables[0]?.there) return
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  const unknown = rows.map(({ name }) => name).filter((name) => !known[name])
  if (unknown.length > 0)
    throw new Error(
      `The database is newer than this program: it has ${unknown.join(', ')}, and Dealbridge ${version} knows the tables up to ${latestMigration(known)}. ` +
        'Run the version that made it, or a newer one. To go back, restore the backup of before the upgrade.',
    )
}
