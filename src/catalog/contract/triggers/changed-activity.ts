import { defineTrigger } from '../../define.ts'
import { activityRecord } from '../records/activity.ts'
import type { EventType } from '../records/record-kind.ts'
import { ActivityResponse } from '../shapes/activity.ts'
import { ActivityChange } from '../shapes/change.ts'
import { activityFilters } from './filters.ts'

const changedActivities = <const Id extends string>(id: Id, event: EventType) =>
  defineTrigger({
    id,
    set: 'activities',
    path: `/trigger/v2/activities/${event}`,
    input: activityFilters,
    output: ActivityResponse,
    record: activityRecord,
    event,
    poll: { list: activityRecord.list, fields: activityRecord.fields, ownerId: (activity) => activity.owner_id },
    instant: { id: `${id}Instant` as const, output: ActivityChange, filters: activityFilters },
  })

export const trigActivityUpdated = changedActivities('TrigActivityUpdated', 'updated')
export const trigActivityDone = changedActivities('TrigActivityDone', 'done')
