import type { Migration } from 'kysely/migration'
import { connectionsAndIntents } from './0001-connections-and-intents.ts'
import { instantTriggers } from './0002-instant-triggers.ts'

/** Every migration by its number and name, in order. One that was released is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-connections-and-intents': connectionsAndIntents,
  '0002-instant-triggers': instantTriggers,
}
