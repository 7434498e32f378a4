import * as z from 'zod'
import { page } from '../http/answer.ts'
import { isReadable } from '../state/caller.ts'
import { changesOf, type LoggedKind, loggedKinds } from '../state/change-log.ts'
import type { ChangeRow, Owned } from '../state/records.ts'
import { canSee, canSeeActivity, canSeeNote } from '../state/visibility.ts'
import { v1Time } from '../time.ts'
import type { Call, Route } from './route.ts'
import { readPaging, slice } from './offset-page.ts'
import { readV1, v1, v1Answer, v1Page, v1Refusal, v1Type } from './v1.ts'
import { activityView } from './views/activity-view.ts'
import { noteView } from './views/note-view.ts'

const singular = { deals: 'deal', persons: 'person', organizations: 'organization' } as const
const link = { deals: 'deal_id', persons: 'person_id', organizations: 'org_id' } as const

function recordOf(kind: LoggedKind, call: Call): Owned {
  const row = call.company[kind].get(Number(call.params['id']))
  if (!row || !isReadable(row, call) || !canSee(row, call))
    throw v1Refusal(404, `${singular[kind][0]!.toUpperCase()}${singular[kind].slice(1)} not found`)
  return row
}

const showChange = (change: ChangeRow) => ({
  field_key: change.field_key,
  old_value: change.old_value,
  new_value: change.new_value,
  actor_user_id: change.actor_user_id,
  time: v1Time(change.add_time),
  change_source: change.change_source,
  change_source_user_agent: null,
  is_bulk_update_flag: false,
})

/** Unlike other v1 lists, this one has a cursor. */
const changelog =
  (kind: LoggedKind): Route['handle'] =>
  (call) => {
    const paging = readPaging(call)
    const { items, nextCursor } = slice(changesOf(call.company, kind, recordOf(kind, call).id), paging, call)
    return page(items.map(showChange), nextCursor)
  }

interface Step {
  object: string
  /** RFC 3339. */
  at: string
  data: Record<string, unknown>
}

const flowQuery = z.object({ all_changes: v1Type.flag().optional(), items: z.string().optional() })

function stepsOf(kind: LoggedKind, row: Owned, all: boolean, call: Call): Step[] {
  const { company } = call
  const changes = changesOf(company, kind, row.id)
    .filter(({ is_custom }) => all || !is_custom)
    .map((change): Step => {
      const { id, actor_user_id, field_key, old_value, new_value, change_source } = change
      const data = {
        id,
        item_id: row.id,
        user_id: actor_user_id,
        field_key,
        old_value,
        new_value,
        is_bulk_update_flag: null,
        log_time: v1Time(change.add_time),
        change_source,
        change_source_user_agent: null,
        additional_data: [],
      }
      return { object: `${singular[kind]}Change`, at: change.add_time, data }
    })
  const activities = [...company.activities.where(link[kind], row.id)]
    .filter((activity) => !activity.is_deleted && isReadable(activity, call) && canSeeActivity(activity, call))
    .map((activity): Step => ({
      object: 'activity',
      at: activity.marked_as_done_time ?? activity.add_time,
      data: activityView.v1(activity, call),
    }))
  const notes = [...company.notes.where(link[kind], row.id)]
    .filter((note) => !note.is_deleted && isReadable(note, call) && canSeeNote(note, call))
    .map((note): Step => ({ object: 'note', at: note.add_time, data: noteView.v1(note, call) }))
  return [...changes, ...activities, ...notes].sort((a, b) => (a.at > b.at ? -1 : a.at < b.at ? 1 : 0))
}

/** The history of a record, newest first: field changes, activities and notes. */
const flow =
  (kind: LoggedKind): Route['handle'] =>
  (call) => {
    const row = recordOf(kind, call)
    const { all_changes = false, items: named } = readV1(flowQuery, call.query, call)
    const requestedItems = named?.split(',').map((name) => name.trim())
    // `change` selects the field changes of any kind of record.
    const isRequested = ({ object }: Step) =>
      !requestedItems || requestedItems.includes(object) || (object.endsWith('Change') && requestedItems.includes('change'))
    const { items, pagination } = v1Page(stepsOf(kind, row, all_changes, call).filter(isRequested), call)
    return v1Answer(
      items.map(({ object, at, data }) => ({ object, timestamp: v1Time(at), data })),
      { additional_data: { pagination }, related_objects: {} },
    )
  }

export const changelogRoutes: readonly Route[] = loggedKinds.flatMap((kind) => [
  ...v1('GET', `/${kind}/:id/changelog`, 20, changelog(kind)),
  ...v1('GET', `/${kind}/:id/flow`, 40, flow(kind)),
])
