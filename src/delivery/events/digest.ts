import { canonical, digest } from '../../engine/intents/intent-name.ts'
import type { Store } from '../../store/store.ts'
import type { Digest } from './fingerprint.ts'

/** Keyed, so that a digest tells nobody what a record holds; the same in every process on this store. */
export const digestWith =
  ({ salt }: Pick<Store, 'salt'>): Digest =>
  (...parts) =>
    digest(salt, canonical(parts))
