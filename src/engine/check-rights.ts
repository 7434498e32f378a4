import type { Operation } from '../catalog/define.ts'
import type { Principal } from '../connections/principal.ts'
import { OutsideSets } from './errors/outside-sets.ts'
import { ReadOnlyKey } from './errors/read-only-key.ts'

/** Throws if the connection key of the call is limited to other sets, or to reading. A look-up belongs to every set, and a Pipedrive key has no limits. */
export function checkRights({ connection }: Principal, operation: Operation): void {
  if (!connection || operation.kind === 'lookup') return
  const { sets, readOnly } = connection
  if (sets && !sets.includes(operation.set)) throw new OutsideSets(operation.id, operation.set, sets)
  if (readOnly && operation.effect !== 'read') throw new ReadOnlyKey(operation.id, operation.set)
}
