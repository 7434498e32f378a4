import { describe } from 'vitest'
import { silentLogger } from '../kit/logger.ts'
import { openStore } from './open-store.ts'
import type { Store } from './store.ts'

/** A NewStore opens an empty store; each call another one. Whoever opens one closes it. */
export type NewStore = () => Promise<Store>

/** Runs one suite on every engine. */
export function onEveryEngine(name: string, suite: (newStore: NewStore) => void): void {
  describe(`${name} (PGlite)`, () => suite(() => openStore({ place: { kind: 'memory' }, logger: silentLogger })))
}
