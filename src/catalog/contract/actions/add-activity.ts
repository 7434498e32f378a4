import * as z from 'zod'
import { InvalidInput } from '../../../kit/errors/invalid-input.ts'
import type { V1ActivityType, V2ActivityBody } from '../../../pipedrive/api-types.ts'
import { defineAction, type OperationContext } from '../../define.ts'
import { date, duration, id, string, timeOfDay } from '../../inputs.ts'
import { activityFields } from '../mappings/activity.ts'
import { ActivityResponse } from '../shapes/activity.ts'
import { activityBodyFields, writeBody } from '../../body-fields.ts'

export const addActivity = defineAction({
  id: 'AddActivity',
  method: 'POST',
  set: 'activities',
  path: '/v1/activities',
  effect: 'create',
  input: z.object({
    type: string({ choices: 'ListActivityTypes' }),
    subject: string(),
    due_date: date().optional(),
    due_time: timeOfDay().optional(),
    duration: duration().optional(),
    note: string().optional(),
    user_id: id({ choices: 'ListUsers' }).optional(),
    deal_id: id({ choices: 'ListDeals' }).optional(),
    person_id: id({ choices: 'ListPersons' }).optional(),
    org_id: id({ choices: 'ListOrganizations' }).optional(),
  }),
  output: ActivityResponse,
  fields: activityFields,
  bodyFields: activityBodyFields,
  async run(input, context) {
    const type = await activityType(input.type, context)
    const due_date = input.due_date ?? (await today(context))
    const body = writeBody<V2ActivityBody>(activityBodyFields, { done: false, ...context.extra, ...input, type, due_date })
    const created = await context.pipedrive.activities.create(body)
    return context.fill(activityFields, { ...created, person_id: created.person_id ?? input.person_id ?? null })
  },
})

/** The key of an activity type, from its key or its display name. */
async function activityType(wanted: string, { referenceData }: OperationContext): Promise<string> {
  const word = wanted.trim().toLowerCase()
  const choices = (types: readonly V1ActivityType[]) =>
    types.flatMap(({ active_flag, key_string: key, name }) => (active_flag && key ? [{ key, name: name ?? key }] : []))
  const found = await referenceData.find('activityType', (types) => {
    const active = choices(types)
    return active.find(({ key }) => key.toLowerCase() === word) ?? active.find(({ name }) => name.toLowerCase() === word)
  })
  if (found) return found.key
  const known = choices(await referenceData.activityTypes()).map(({ key, name }) =>
    name.toLowerCase() === key ? name : `${name} (${key})`,
  )
  throw new InvalidInput([
    { field: 'type', message: `"${wanted.slice(0, 40)}" is not an activity type of this account; it has: ${known.join(', ')}` },
  ])
}

/** API v1 gave an activity without due_date today's date, in the user's time zone. */
async function today({ referenceData, now }: OperationContext): Promise<string> {
  const { timezone_name } = await referenceData.me()
  const inZone = (timeZone: string) =>
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now())
  try {
    return inZone(timezone_name || 'UTC')
  } catch {
    return inZone('UTC')
  }
}
