import { canonical, digest } from '../../engine/idempotency/idempotency-key.ts'
import type { Store } from '../../store/store.ts'

/** A Digest hashes anything that can be JSON: the same content gives the same text. */
export type Digest = (...parts: readonly unknown[]) => string

/** Keyed, so that a digest reveals nothing about the record. Every process on this store makes the same one. */
export const digestWith =
  ({ salt }: Pick<Store, 'salt'>): Digest =>
  (...parts) =>
    digest(salt, canonical(parts))
