import { afterAll, describe, inject } from 'vitest'
import { databases } from '../../src/store/engines.fixture.ts'
import { needs } from '../needs.ts'
import { folderPlace, type StoreEngine } from './triggers-world.ts'

export const SQLITE: StoreEngine = { name: 'SQLite', newPlace: () => Promise.resolve(folderPlace()) }

/** Runs a suite with an embedded database in a folder, and with PostgreSQL. */
export function onBothEngines(name: string, suite: (engine: StoreEngine) => void): void {
  describe(`${name} (SQLite)`, () => suite(SQLITE))
  onPostgresAlone(name, suite)
}

export function onPostgresAlone(name: string, suite: (engine: StoreEngine) => void): void {
  const title = `${name} (PostgreSQL)`
  needs(title, inject('postgres') !== '', 'no PostgreSQL on this machine; `apt-get install postgresql` brings it', () => {
    const { newDatabase, dropAll } = databases()
    suite({ name: 'PostgreSQL', newPlace: async () => ({ kind: 'postgres', url: await newDatabase() }) })
    afterAll(dropAll)
  })
}
