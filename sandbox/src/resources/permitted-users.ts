import { one } from '../http/answer.ts'
import { isReadable } from '../state/caller.ts'
import type { Owned } from '../state/records.ts'
import { usersWhoSee } from '../state/visibility.ts'
import { envelopes } from './envelopes.ts'
import type { Resource } from './resource.ts'
import type { Route } from './route.ts'
import { v1, v1Refusal } from './v1.ts'

/** The endpoint for the active users who may see a record. */
export const permittedUsersOf = <R extends Owned>({
  path,
  singular,
  table,
  uuid,
  canSee,
}: Pick<Resource<R>, 'path' | 'singular' | 'table' | 'uuid' | 'canSee'>): Route[] =>
  v1('GET', `/${path}/:id/permittedUsers`, 10, (call) => {
    const id = envelopes.v1.readId(uuid ? 'uuid' : 'number', 'id', call)
    const rows = table(call.company)
    const row = typeof id === 'number' ? rows.get(id) : [...rows.where('uuid' as keyof R & string, id)][0]
    if (!row || row.is_deleted || !isReadable(row, call) || canSee?.(row, call) === false) throw v1Refusal(404, `${singular} not found`)
    return one(usersWhoSee(row, call).map((user) => user.id))
  })
