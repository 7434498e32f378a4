import type { Caller } from './caller.ts'
import type { Company } from './company.ts'
import type { ActivityRow, DealRow, Owned } from './records.ts'

/** Whether `group` is `ancestor` or lies below it. */
function isWithin(company: Company, group: number | null | undefined, ancestor: number | undefined): boolean {
  for (let at = group; at !== null && at !== undefined; at = company.groups.get(at)?.parent_id) if (at === ancestor) return true
  return false
}

/** Who else sees a record, by the level in `visible_to`. The same number means different things on small (1, 3) and large plans (1, 3, 5, 7). */
function levelAllows(item: Owned, followers: DealRow['followers'], { company, user }: Caller): boolean {
  const small = !(7 in company.plan.visibility)
  const ownersGroup = company.users.get(item.owner_id)?.group_id
  switch (item.visible_to) {
    case 1:
      return small && followers.some((follower) => follower.user_id === user.id)
    case 3:
      return small || user.group_id === ownersGroup
    case 5:
      return small || isWithin(company, user.group_id, ownersGroup)
    default:
      return true
  }
}

/** Administrators see everything, owners what is theirs, others what `visible_to` allows. */
export const canSee = (item: Owned, caller: Caller, followers: DealRow['followers'] = []): boolean =>
  caller.user.is_admin || item.owner_id === caller.user.id || levelAllows(item, followers, caller)

export const canSeeDeal = (deal: DealRow, caller: Caller): boolean => canSee(deal, caller, deal.followers)

/** An activity of somebody else is as visible as what it is about: its deal, else its person, else its organization (an assumption). */
export function canSeeActivity(activity: ActivityRow, caller: Caller): boolean {
  const { user, company } = caller
  if (user.is_admin || activity.owner_id === user.id) return true
  const deal = activity.deal_id === null ? undefined : company.deals.get(activity.deal_id)
  if (deal) return canSeeDeal(deal, caller)
  const person = activity.person_id === null ? undefined : company.persons.get(activity.person_id)
  const about = person ?? (activity.org_id === null ? undefined : company.organizations.get(activity.org_id))
  return about === undefined || canSee(about, caller)
}

/** The option ids of the deal field visible_to, ascending. */
export function visibilityOptions({ company, behaviour }: Caller): number[] {
  if (behaviour.visibilityOptions === 'by plan') return Object.keys(company.plan.visibility).map(Number)
  return behaviour.visibilityOptions === 'none' ? [] : behaviour.visibilityOptions.split(',').map(Number)
}
