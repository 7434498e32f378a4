import type { Caller } from './caller.ts'
import type { Follower } from './records.ts'

/** The owner follows a new record a moment after it was created: seen as followers_count 0 in the answer to the create, and 1 afterwards. */
const AUTO_FOLLOW_AFTER_SECONDS = 1

/** Whether the user follows at that second. */
const follows = ({ since, until }: Follower, now: number): boolean => since <= now && (until === undefined || until > now)

/** Those who follow now, in the order in which they came. */
export const followersNow = ({ followers = [] }: { followers?: readonly Follower[] }, now: number): Follower[] =>
  followers.filter((follower) => follows(follower, now))

export const isFollowedBy = (item: { followers?: readonly Follower[] }, userId: number, now: number): boolean =>
  followersNow(item, now).some(({ user_id }) => user_id === userId)

/** The followers when somebody becomes the owner. Who follows, or is about to, stays. */
export function withOwner(followers: readonly Follower[], ownerId: number, { user, now }: Pick<Caller, 'user' | 'now'>): Follower[] {
  if (followers.some(({ user_id, until }) => user_id === ownerId && until === undefined)) return [...followers]
  const by = user.id === ownerId ? undefined : user.id
  return [...followers, { user_id: ownerId, since: now + AUTO_FOLLOW_AFTER_SECONDS, ...(by !== undefined && { by }) }]
}

/** What happened, oldest first. */
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
