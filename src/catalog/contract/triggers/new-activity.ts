import * as z from 'zod'
import { defineTrigger } from '../../define.ts'
import { activityRecord } from '../records/activity.ts'
import { ActivityResponse } from '../shapes/activity.ts'
import { activityFilters } from './filters.ts'

export const trigNewActivity = defineTrigger({
  id: 'TrigNewActivity',
  set: 'activities',
  path: '/trigger/v1/activities',
  input: z.object({}),
  output: ActivityResponse,
  record: activityRecord,
  event: 'added',
  poll: { list: activityRecord.list, fields: activityRecord.fields, ownerId: (activity) => activity.owner_id },
  instant: { id: 'TrigNewActivityInstant', output: ActivityResponse, filters: activityFilters },
})
