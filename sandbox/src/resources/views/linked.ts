import type { Caller } from '../../state/caller.ts'
import { type ActivityRow, type Address, addressParts } from '../../state/records.ts'
import { organizationIncludes } from '../includes.ts'
import type { Shape } from './record-view.ts'

/** Includes are the included fields of a kind of record, by name. */
type Includes<R> = Readonly<Record<string, (row: R, caller: Caller) => unknown>>

const user = (id: number, { company }: Caller) => company.users.get(id)
export const ownerName = ({ owner_id }: { owner_id: number }, caller: Caller): string | null => user(owner_id, caller)?.name ?? null

/** v1 spreads an address over fields: `address`, `address_locality` … Missing parts are empty texts. */
export const spread = (name: string, address: Partial<Address> | null): Shape => ({
  [name]: address?.['value'] ?? null,
  ...Object.fromEntries(addressParts.map((part) => [`${name}_${part}`, address && (address[part] ?? '')])),
})

/** A linked user in records of v1. */
export function v1UserLink(id: number, caller: Caller): Shape | null {
  const linked = user(id, caller)
  if (!linked) return null
  const { name, email, active_flag } = linked
  return { id, name, email, has_pic: 0, pic_hash: null, active_flag, value: id }
}

/** A linked organization in records of v1. */
export function v1OrganizationLink(id: number | null, caller: Caller): Shape | null {
  const organization = id === null ? undefined : caller.company.organizations.get(id)
  return organization
    ? {
        name: organization.name,
        people_count: organizationIncludes['people_count']!(organization, caller),
        owner_id: organization.owner_id,
        address: organization.address?.value ?? null,
        active_flag: !organization.is_deleted,
        cc_email: organizationIncludes['smart_bcc_email']!(organization, caller),
        value: organization.id,
      }
    : null
}

export const activityOf = (id: unknown, { company }: Caller): ActivityRow | undefined =>
  typeof id === 'number' ? company.activities.get(id) : undefined

/** The next and the last activity of a record of any kind. */
export const activitiesOf =
  <R>(includes: Includes<R>) =>
  (row: R, caller: Caller): Shape => {
    const next = activityOf(includes['next_activity_id']!(row, caller), caller)
    const last = activityOf(includes['last_activity_id']!(row, caller), caller)
    return {
      next_activity_date: next?.due_date ?? null,
      next_activity_time: next?.due_time ?? null,
      next_activity_id: next?.id ?? null,
      last_activity_id: last?.id ?? null,
      last_activity_date: last?.due_date ?? null,
    }
  }

/** The counts among the included fields. */
export const countsOf =
  <R>(includes: Includes<R>) =>
  (row: R, caller: Caller): Shape =>
    Object.fromEntries(
      Object.entries(includes)
        .filter(([name]) => name.endsWith('_count'))
        .map(([name, read]) => [name, read(row, caller)]),
    )
