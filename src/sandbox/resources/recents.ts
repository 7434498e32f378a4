import * as z from 'zod'
import { json, wording } from '../http/answer.ts'
import { type Caller, isKept, isReadable } from '../state/caller.ts'
import type { Row } from '../state/records.ts'
import { canSee, canSeeActivity, canSeeNote } from '../state/visibility.ts'
import { rfc3339, v1Time } from '../time.ts'
import { showNote } from './notes.ts'
import type { Call, Route } from './route.ts'
import { readV1, v1, v1Page, v1Refusal, v1TimeOrNull, v1Type } from './v1.ts'
import { showUser } from './v1-routes.ts'
import { v1Activity, v1Deal, v1Organization, v1Person, v1Pipeline, v1Product, v1Stage } from './v1-shapes.ts'

/** How far back it looks: known from programs that read it, not from Pipedrive. */
const DEPTH_SECONDS = 31 * 86_400

interface Recent {
  item: string
  id: number
  time: string
  show(): Record<string, unknown>
}

/** The rows of a table that changed since then and that the caller sees. */
function* changed<R extends Row>(
  item: string,
  rows: Iterable<R>,
  sees: (row: R, caller: Caller) => boolean,
  show: (row: R, caller: Caller) => Record<string, unknown>,
  call: Call,
): Generator<Recent> {
  for (const row of rows)
    if (isKept(row, call) && isReadable(row, call) && sees(row, call))
      yield { item, id: row.id, time: row.update_time ?? row.add_time, show: () => show(row, call) }
}

const everybody = () => true
/** By the name in `items`. Files and filters do not exist in the sandbox. */
const sources: Readonly<Record<string, (call: Call) => Iterable<Recent>>> = {
  activity: (call) => changed('activity', call.company.activities.walk(), canSeeActivity, v1Activity, call),
  deal: (call) => changed('deal', call.company.deals.walk(), canSee, v1Deal, call),
  note: (call) => changed('note', call.company.notes.walk(), canSeeNote, showNote, call),
  person: (call) => changed('person', call.company.persons.walk(), canSee, v1Person, call),
  organization: (call) => changed('organization', call.company.organizations.walk(), canSee, v1Organization, call),
  product: (call) => changed('product', call.company.products.walk(), canSee, v1Product, call),
  stage: (call) => changed('stage', call.company.stages.walk(), everybody, v1Stage, call),
  pipeline: (call) => changed('pipeline', call.company.pipelines.walk(), everybody, v1Pipeline, call),
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

const wanted = z.object({ since_timestamp: v1Type.moment().optional(), items: z.string().optional() })

function recents(call: Call) {
  const { since_timestamp, items } = readV1(wanted, call.query, call)
  if (since_timestamp === undefined) throw v1Refusal(400, `since_timestamp: ${wording(call.behaviour, 'required')}`)
  const kinds = items === undefined || items === '' ? Object.keys(sources) : items.split(',').map((name) => name.trim())
  const [stranger] = kinds.filter((kind) => !Object.hasOwn(sources, kind))
  if (stranger !== undefined) throw v1Refusal(400, `items: ${wording(call.behaviour, 'notOneOf', Object.keys(sources).join(', '))}`)
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
