import * as z from 'zod'
import { failure, notFound, one, Refusal, unchangeable, validationFailed, wording } from '../http/answer.ts'
import { body, query, readJson, validate } from '../http/validation.ts'
import { isRetained, isReadable } from '../state/caller.ts'
import { followerChanges, followersNow } from '../state/followers.ts'
import type { Follower, Owned } from '../state/records.ts'
import { canSee } from '../state/visibility.ts'
import { rfc3339 } from '../time.ts'
import { referenceProblem } from './references.ts'
import type { Resource } from './resource.ts'
import type { Call, Route } from './route.ts'
import { readPaging, shortPage } from './offset-page.ts'

/** A Followed is a kind of record that users can follow. */
type Followed<R extends Owned> = Pick<Resource<R>, 'path' | 'singular' | 'table'>

const paths = z.object({ id: query.whole() })
const withFollower = z.object({ id: query.whole(), follower_id: query.whole() })
const addition = z.strictObject({ user_id: body.whole() })
const nothing = z.strictObject({})

const show = ({ user_id, since }: Follower) => ({ user_id, add_time: rfc3339(since) })

function followedOf<R extends Owned>({ table, singular }: Followed<R>, call: Call, forReading: boolean): R {
  const { id } = validate(paths, call.params, call.behaviour)
  const row = table(call.company).get(id)
  if (!row || !(forReading ? isReadable : isRetained)(row, call) || !canSee(row, call)) throw notFound(singular)
  if (!forReading && row.is_deleted) throw unchangeable(call.behaviour.changeDeletedRecord, 'isDeleted', singular, call.behaviour)
  return row
}

/** Following does not change the record's update_time (an assumption). */
function setFollowers<R extends Owned>(kind: Followed<R>, row: R, followers: Follower[], { company }: Call): void {
  kind.table(company).change(row, { followers } as Partial<R>)
}

function add<R extends Owned>(kind: Followed<R>): Route['handle'] {
  return (call) => {
    validate(nothing, call.query, call.behaviour)
    const row = followedOf(kind, call, false)
    const { user_id } = validate(addition, readJson(call.body, call.behaviour), call.behaviour)
    const problems = referenceProblem('user_id', 'User', user_id, call)
    if (problems.length > 0) throw validationFailed(problems)
    // Includes the owner, who follows automatically a second later.
    if (row.followers.some((follower) => follower.user_id === user_id && follower.until === undefined))
      throw new Refusal(failure(400, wording(call.behaviour, 'alreadyFollows')))
    const follower: Follower = { user_id, since: call.now, ...(user_id !== call.user.id && { by: call.user.id }) }
    setFollowers(kind, row, [...row.followers, follower], call)
    return one(show(follower), 201)
  }
}

function remove<R extends Owned>(kind: Followed<R>): Route['handle'] {
  return (call) => {
    validate(nothing, call.query, call.behaviour)
    const row = followedOf(kind, call, false)
    const { follower_id } = validate(withFollower, call.params, call.behaviour)
    const follower = followersNow(row, call.now).find(({ user_id }) => user_id === follower_id)
    if (!follower) throw new Refusal(failure(404, wording(call.behaviour, 'notAFollower')))
    const removed: Follower = { ...follower, until: call.now, removed_by: call.user.id }
    setFollowers(
      kind,
      row,
      row.followers.map((each) => (each === follower ? removed : each)),
      call,
    )
    return one({ user_id: follower_id })
  }
}

function changelog<R extends Owned>(kind: Followed<R>): Route['handle'] {
  return (call) => {
    const paging = readPaging(call)
    const changes = followerChanges(followedOf(kind, call, true).followers, call.now).reverse()
    const shown = changes.map(({ at, ...change }) => ({ ...change, time: rfc3339(at) }))
    return shortPage(shown, call, paging)
  }
}

function list<R extends Owned>(kind: Followed<R>): Route['handle'] {
  return (call) => {
    const paging = readPaging(call)
    return shortPage(followersNow(followedOf(kind, call, true), call.now).map(show), call, paging)
  }
}

/** The follower endpoints of a kind of record. */
export function followerRoutesOf<R extends Owned>(kind: Followed<R>): Route[] {
  const path = `/api/v2/${kind.path}/:id/followers`
  return [
    { method: 'GET', path: `${path}/changelog`, tokens: 10, handle: changelog(kind) },
    { method: 'GET', path, tokens: 10, handle: list(kind) },
    { method: 'POST', path, tokens: 5, handle: add(kind) },
    { method: 'DELETE', path: `${path}/:follower_id`, tokens: 3, handle: remove(kind) },
  ]
}

/** The followers of a user; read-only, as in Pipedrive's API. */
export const usersFollowers: Route = {
  method: 'GET',
  path: '/api/v2/users/:id/followers',
  tokens: 10,
  handle(call) {
    const paging = readPaging(call)
    const { id } = validate(paths, call.params, call.behaviour)
    const user = call.company.users.get(id)
    if (!user) throw notFound('User')
    return shortPage(followersNow(user, call.now).map(show), call, paging)
  },
}
