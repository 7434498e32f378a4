import type { Caller } from './caller.ts'
import type { Company, User } from './company.ts'
import { isFollowedBy } from './followers.ts'
import type { ActivityRow, NoteRow, Owned } from './records.ts'

type Viewer = Pick<Caller, 'company' | 'user' | 'now'>

/** Whether `group` is `ancestor` or one of its sub-groups. */
function isWithin(company: Company, group: number | null | undefined, ancestor: number | undefined): boolean {
  for (let at = group; at !== null && at !== undefined; at = company.groups.get(at)?.parent_id) if (at === ancestor) return true
  return false
}

/** Small plans have the levels 1 and 3, large ones 1, 3, 5 and 7; the same number has a different meaning on each. */
const isSmall = ({ plan }: Company): boolean => !(7 in plan.visibility)

/** Whether the level in `visible_to` allows the user to see the record. */
function levelAllows(item: Owned, { company, user, now }: Viewer): boolean {
  if (isSmall(company)) return item.visible_to === 1 ? isFollowedBy(item, user.id, now) : true
  const ownersGroup = company.users.get(item.owner_id)?.group_id
  switch (item.visible_to) {
    case 1:
      return false
    case 3:
      return user.group_id === ownersGroup
    case 5:
      return isWithin(company, user.group_id, ownersGroup)
    default:
      return true
  }
}

/** Owners see their records, other users what `visible_to` allows, administrators everything (an assumption). */
export const canSee = (item: Owned, caller: Viewer): boolean =>
  item.owner_id === caller.user.id || caller.user.is_admin || levelAllows(item, caller)

/** The active users who see a record. */
export const usersWhoSee = (item: Owned, caller: Viewer): User[] =>
  [...caller.company.users.values()].filter((user) => user.active_flag && canSee(item, { ...caller, user }))

/** The lead of that UUID. */
export const leadOf = ({ leads }: Company, uuid: string) => [...leads.where('uuid', uuid)][0]

type RecordLinks = Pick<ActivityRow, 'deal_id' | 'lead_id' | 'person_id' | 'org_id'>
/** The record that an activity or note is about: its deal, else its lead, its person, its organization. */
function subjectOf({ deal_id, lead_id, person_id, org_id }: RecordLinks, company: Company): Owned | undefined {
  const of = <T>(id: number | null, get: (id: number) => T | undefined) => (id === null ? undefined : get(id))
  return (
    of(deal_id, (id) => company.deals.get(id)) ??
    (lead_id === null ? undefined : leadOf(company, lead_id)) ??
    of(person_id, (id) => company.persons.get(id)) ??
    of(org_id, (id) => company.organizations.get(id))
  )
}

/** Another user's activity is as visible as the record it is about; without one, all users see it (an assumption). */
export function canSeeActivity(activity: ActivityRow, caller: Viewer): boolean {
  if (activity.owner_id === caller.user.id) return true
  const about = subjectOf(activity, caller.company)
  return about === undefined || canSee(about, caller)
}

/** A note is as visible as the record it is about, also to its author (an assumption). */
export function canSeeNote(note: NoteRow, caller: Viewer): boolean {
  const about = subjectOf(note, caller.company)
  return about === undefined || canSee(about, caller)
}

/** The option ids of the deal field visible_to, ascending. */
export function visibilityOptions({ company, behaviour }: Caller): number[] {
  if (behaviour.visibilityOptions === 'by plan') return Object.keys(company.plan.visibility).map(Number)
  return behaviour.visibilityOptions === 'none' ? [] : behaviour.visibilityOptions.split(',').map(Number)
}
