import * as z from 'zod'
import { json, wording } from '../http/answer.ts'
import { isRetained, isReadable } from '../state/caller.ts'
import type { Row } from '../state/records.ts'
import { rfc3339, v1Time } from '../time.ts'
import { activities } from './activities.ts'
import { deals } from './deals.ts'
import { notes } from './notes.ts'
import { organizations } from './organizations.ts'
import { persons } from './persons.ts'
import { pipelines, stages } from './pipelines.ts'
import { products } from './products.ts'
import type { Resource } from './resource.ts'
import type { Call, Route } from './route.ts'
import { readV1, v1, v1Page, v1Refusal, v1Type } from './v1.ts'
import { showUser } from './v1-users.ts'
import { v1TimeOrNull } from './views/record-view.ts'

/** The longest period that /recents covers: known from client programs, not from Pipedrive. */
const DEPTH_SECONDS = 31 * 86_400

interface Recent {
  item: string
  id: number
  time: string
  show(): Record<string, unknown>
}

/** The rows of a resource that the caller sees, as Recents. */
const changed = <R extends Row, B extends z.ZodObject>({ table, canSee, view, payload }: Resource<R, B>) =>
  function* (call: Call): Generator<Recent> {
    for (const row of table(call.company).walk())
      if (isRetained(row, call) && isReadable(row, call) && (canSee?.(row, call) ?? true))
        yield { item: payload!.object, id: row.id, time: row.update_time ?? row.add_time, show: () => view.v1!(row, call) }
  }

/** By the name in `items`. The sandbox has no files and filters. */
const sources: Readonly<Record<string, (call: Call) => Iterable<Recent>>> = {
  activity: changed(activities),
  deal: changed(deals),
  note: changed(notes),
  person: changed(persons),
  organization: changed(organizations),
  product: changed(products),
  stage: changed(stages),
  pipeline: changed(pipelines),
  *user(call) {
    for (const user of call.company.users.values())
      yield { item: 'user', id: user.id, time: user.modified, show: () => showUser(user, call) }
  },
  *activityType({ company }) {
    for (const type of company.activityTypes) {
      const { id, add_time, update_time } = type
      const shown = { ...type, add_time: v1Time(add_time), update_time: v1TimeOrNull(update_time) }
      yield { item: 'activityType', id, time: update_time ?? add_time, show: () => shown }
    }
  },
  file: () => [],
  filter: () => [],
}

const recentsQuery = z.object({ since_timestamp: v1Type.moment().optional(), items: z.string().optional() })

function recents(call: Call) {
  const { since_timestamp, items } = readV1(recentsQuery, call.query, call)
  if (since_timestamp === undefined) throw v1Refusal(400, `since_timestamp: ${wording(call.behaviour, 'required')}`)
  const kinds = items === undefined || items === '' ? Object.keys(sources) : items.split(',').map((name) => name.trim())
  const [unknown] = kinds.filter((kind) => !Object.hasOwn(sources, kind))
  if (unknown !== undefined) throw v1Refusal(400, `items: ${wording(call.behaviour, 'notOneOf', Object.keys(sources).join(', '))}`)
  const deepest = rfc3339(call.now - DEPTH_SECONDS)
  const since = since_timestamp > deepest ? since_timestamp : deepest
  const found = kinds
    .flatMap((kind) => [...sources[kind]!(call)])
    .filter(({ time }) => time >= since)
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.id - b.id))
  const { items: shown, pagination } = v1Page(found, call)
  const last = shown.at(-1)
  return json(200, {
    success: true,
    data: shown.map(({ item, id, show }) => ({ item, id, data: show() })),
    additional_data: {
      since_timestamp: v1Time(since_timestamp),
      last_timestamp_on_page: last ? v1Time(last.time) : null,
      pagination,
    },
  })
}

export const recentsRoutes: readonly Route[] = v1('GET', '/recents', 20, recents)
