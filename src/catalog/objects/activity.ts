import {
  activityType,
  advanced,
  boolean,
  date,
  duration,
  fixed,
  integer,
  leadReference,
  link,
  noFilter,
  place,
  readOnly,
  reference,
  required,
  string,
  structures,
  text,
  time,
  timeOfDay,
  filter,
} from '../fields/field-words.ts'
import { defineObject, type FieldValues } from './define-object.ts'

/** API v2 takes persons as participants only: the person becomes the primary one. */
const prepare = ({ person_id, ...values }: FieldValues): Promise<FieldValues> =>
  Promise.resolve(person_id === undefined ? values : { participants: [{ person_id, primary: true }], ...values })

/** An activity: a call, a meeting, a task, with a day on which it is due. */
export const activity = defineObject({
  name: 'activity',
  plural: 'activities',
  set: 'activities',
  operations: ['get', 'list', 'create', 'update', 'delete'],
  list: { sortBy: ['id', 'add_time', 'update_time', 'due_date'], updated: 'both', filterId: true, ids: true },
  prepare,
  fields: {
    subject: required(string()),
    type: activityType(),
    due_date: { ...fixed(date()), timeField: 'due_time' },
    due_time: fixed(timeOfDay()),
    duration: fixed(duration()),
    done: filter(boolean()),
    deal_id: fixed(link('deal')),
    lead_id: leadReference(),
    person_id: fixed(link('person')),
    org_id: fixed(link('organization')),
    owner_id: link('user'),
    note: text(),
    public_description: advanced(text()),
    location: place(),
    participants: fixed(structures()),
    attendees: { ...fixed(structures()), included: { created: [] } },
    busy: advanced(boolean()),
    priority: advanced(fixed(integer())),
    project_id: advanced(readOnly(reference())),
    creator_user_id: readOnly(noFilter(link('user'))),
    is_deleted: readOnly(boolean()),
    marked_as_done_time: time(),
    add_time: time(),
    update_time: time(),
  },
})
