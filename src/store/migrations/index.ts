import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from '../columns.ts'
import { connections } from './0001-connections.ts'
import { triggers } from './0002-triggers.ts'

const migrations = { '0001-connections': connections, '0002-triggers': triggers }

/** Every migration by its number and name, in order, for an engine. One that was released is never edited. */
export const migrationsFor = (types: ColumnTypes): Record<string, Migration> =>
  Object.fromEntries(Object.entries(migrations).map(([name, migration]) => [name, migration(types)]))

export const migrationNames: readonly string[] = Object.keys(migrations).sort()

/** What the tables look like, by the last migration that made them so. */
export const latestMigration: string = migrationNames.at(-1)!
