import { canonical, digest } from '../../engine/idempotency/idempotency-key.ts'
import type { Store } from '../../store/store.ts'
import type { Digest } from './record-snapshot.ts'

/** Keyed, so that a digest tells nobody what a record holds; the same in every process on this store. */
export const digestWith =
  ({ salt }: Pick<Store, 'salt'>): Digest =>
  (...parts) =>
    digest(salt, canonical(parts))
