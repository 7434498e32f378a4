/**
 * A Moment is the place of a record's state in time. Pipedrive writes whole seconds into records; within one second webhooks are told apart by
 * their own timestamps. A state that was read from a list has none: it holds everything that happened in its second, since it is read later.
 */
export interface StateVersion {
  asOf: Date
  toldAt: Date | null
}

/** Whether what a webhook tells happened after a state (1), before it (-1), or both were told in one millisecond (0). */
export function compareStateVersions({ asOf, toldAt }: { asOf: Date; toldAt: Date }, state: StateVersion): number {
  const seconds = asOf.getTime() - state.asOf.getTime()
  if (seconds !== 0) return Math.sign(seconds)
  return state.toldAt === null ? -1 : Math.sign(toldAt.getTime() - state.toldAt.getTime())
}
