import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from '../columns.ts'
import { connections } from './0001-connections.ts'
import { triggers } from './0002-triggers.ts'

const migrations = { '0001-connections': connections, '0002-triggers': triggers }

/** Every migration by its number and name, in order, for an engine. A released migration is never edited. */
export const migrationsFor = (types: ColumnTypes): Record<string, Migration> =>
  Object.fromEntries(Object.entries(migrations).map(([name, migration]) => [name, migration(types)]))

export const migrationNames: readonly string[] = Object.keys(migrations).sort()

/** The name of the last migration: the version of the tables. */
export const latestMigration: string = migrationNames.at(-1)!
