import type { Caller } from './caller.ts'
import type { Follower } from './records.ts'

/** The owner follows a new record shortly after its creation: Pipedrive's create returns followers_count 0, later reads return 1. */
const AUTO_FOLLOW_AFTER_SECONDS = 1

/** Whether the user follows at that time. */
const follows = ({ since, until }: Follower, now: number): boolean => since <= now && (until === undefined || until > now)

/** The current followers in the order of their addition. */
export const followersNow = ({ followers = [] }: { followers?: readonly Follower[] }, now: number): Follower[] =>
  followers.filter((follower) => follows(follower, now))

export const isFollowedBy = (item: { followers?: readonly Follower[] }, userId: number, now: number): boolean =>
  followersNow(item, now).some(({ user_id }) => user_id === userId)

/** The followers after a change of the owner. Current and pending followers stay. */
export function withOwner(followers: readonly Follower[], ownerId: number, { user, now }: Pick<Caller, 'user' | 'now'>): Follower[] {
  if (followers.some(({ user_id, until }) => user_id === ownerId && until === undefined)) return [...followers]
  const by = user.id === ownerId ? undefined : user.id
  return [...followers, { user_id: ownerId, since: now + AUTO_FOLLOW_AFTER_SECONDS, ...(by !== undefined && { by }) }]
}

/** A FollowerChange is the addition or removal of a follower. */
export interface FollowerChange {
  action: 'added' | 'removed'
  actor_user_id: number
  follower_user_id: number
  /** In seconds. */
  at: number
}

export const followerChanges = (followers: readonly Follower[], now: number): FollowerChange[] =>
  followers
    .flatMap(({ user_id, since, by, until, removed_by }): FollowerChange[] => [
      { action: 'added', actor_user_id: by ?? user_id, follower_user_id: user_id, at: since },
      ...(until === undefined
        ? []
        : [{ action: 'removed' as const, actor_user_id: removed_by ?? user_id, follower_user_id: user_id, at: until }]),
    ])
    .filter(({ at }) => at <= now)
    .sort((a, b) => a.at - b.at)
