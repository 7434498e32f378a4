import * as z from 'zod'
import { defineTrigger } from '../define.ts'
import { activityFields } from '../mappings/activity.ts'
import { ActivityResponse } from '../shapes/activity.ts'
import { pageQuery } from './page-query.ts'

export const trigNewActivity = defineTrigger({
  id: 'TrigNewActivity',
  path: '/trigger/v1/activities',
  input: z.object({}),
  output: ActivityResponse,
  feed: {
    list: (pipedrive, query) => pipedrive.activities.list(pageQuery(query)),
    fields: activityFields,
    ownerId: (activity) => activity.owner_id,
  },
})
