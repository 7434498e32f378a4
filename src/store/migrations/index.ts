import type { Migration } from 'kysely/migration'
import { connectionsAndIntents } from './0001-connections-and-intents.ts'

/** Every migration by its number and name, in order. One that was released is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-connections-and-intents': connectionsAndIntents,
}
