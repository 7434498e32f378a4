/** A KnownError is a point at which the specification contradicts what Pipedrive was seen to do or says elsewhere. One that no longer occurs fails the check. */
export interface KnownError {
  /** Matched against `METHOD /path: problem`. */
  problem: RegExp
  why: string
}

/** Fields of a `{…}` of names, one known error each, so that each one must go on occurring. */
const each = (operations: string, fields: string, problem: string, why: string): KnownError[] =>
  fields
    .trim()
    .split(/\s+/)
    .map((field) => ({ problem: new RegExp(`^(${operations}): answer/(${field}) ${problem}$`), why }))
const nulls = (operations: string, fields: string, why: string): KnownError[] => each(operations, fields, 'is null', why)

const parts = 'country admin_area_level_1 admin_area_level_2 locality sublocality route street_number subpremise postal_code'
const partsOf = (address: string): string =>
  parts
    .split(' ')
    .map((part) => `${address}/${part}`)
    .join(' ')

const v2Deals = '(GET|POST) /api/v2/deals|GET /api/v2/deals/archived|(GET|PATCH) /api/v2/deals/{id}'
const v2Activities = '(GET|POST) /api/v2/activities|(GET|PATCH) /api/v2/activities/{id}'
const v2Persons = '(GET|POST) /api/v2/persons|(GET|PATCH) /api/v2/persons/{id}'
const v2Organizations = '(GET|POST) /api/v2/organizations|(GET|PATCH) /api/v2/organizations/{id}'
const v1Deals = 'POST /v1/deals/{id}/duplicate|PUT /v1/deals/{id}/merge|GET /v1/recents'
const v1Notes = '(GET|POST) /v1/notes|(GET|PUT) /v1/notes/{id}|GET /v1/recents'
/** The record itself, one of a list, or one of the list of recent changes. */
const record = (fields: string): string =>
  fields
    .trim()
    .split(/\s+/)
    .map((field) => `data(/\\*)?(/data)?/${field}`)
    .join(' ')

const nullsInV2: readonly KnownError[] = [
  ...nulls('GET /(api/v2|v1)/[^:]+', 'additional_data/next_cursor', 'The description of the field says null on the last page.'),
  ...nulls(
    v2Deals,
    record('stage_change_time won_time lost_time expected_close_date person_id org_id'),
    'Null in deals recorded in May 2026.',
  ),
  ...nulls(
    v2Activities,
    record(`deal_id lead_id org_id person_id project_id marked_as_done_time
      conference_meeting_client conference_meeting_url conference_meeting_id`),
    "Null in the migration guide's example of an activity.",
  ),
  ...nulls(
    v2Activities,
    record('due_date due_time duration public_description note priority location'),
    'None is required in a body. What is shown without one is not published: null is an assumption (emptyActivityTime switches the times).',
  ),
  ...nulls(
    `${v2Activities}|${v2Organizations}`,
    record(`${partsOf('location')} ${partsOf('address')}`),
    'The migration guide: parts of an address that a write does not give are set to null.',
  ),
  ...nulls(
    v2Persons,
    record('org_id picture_id last_name'),
    'The same fields are null in the examples of POST /v1/deals/{id}/participants.',
  ),
  ...nulls(
    'GET /api/v2/activities',
    'data/\\*/attendees/\\*/name data/\\*/attendees/\\*/person_id data/\\*/attendees/\\*/user_id',
    "person_id and user_id are null in the migration guide's example of an activity; that a name may be missing is an assumption.",
  ),
  ...nulls(v2Organizations, record('address'), 'Not required in a body; null in the example of POST /v1/deals/{id}/participants.'),
  ...nulls('GET /api/v2/stages', record('update_time'), 'A stage recorded in May 2026, not changed since it was made, has null.'),
  ...nulls('GET /api/v2/persons/search', 'data/items/\\*/item/organization', 'Null in the example of GET /api/v2/deals/search.'),
  ...nulls('GET /api/v2/organizations/search', 'data/items/\\*/item/address', 'Null in the examples of GET /api/v2/persons/search.'),
]

const spread = (address: string): string => [...parts.split(' '), 'formatted_address'].map((part) => `${address}_${part}`).join(' ')

const nullsInV1: readonly KnownError[] = [
  ...nulls(
    v1Deals,
    record(`stage_change_time won_time first_won_time lost_time expected_close_date label person_id org_id last_incoming_mail_time last_outgoing_mail_time
      next_activity_date next_activity_time next_activity_subject next_activity_type next_activity_duration next_activity_note`),
    'Null in deals of v1 recorded in May 2026.',
  ),
  ...nulls(
    'GET /v1/recents',
    record('person_name org_name'),
    'The names of links that a deal or an activity has not; null in recorded deals.',
  ),
  ...nulls(
    'GET /v1/recents',
    record('address location public_description note gcal_event_id google_calendar_id deal_id deal_title lead_id project_id due_date'),
    'Null in recorded activities and examples of v1 (2020 to 2024), as far as they lack them; note and due_date are assumptions.',
  ),
  ...nulls(
    'GET /v1/recents',
    record(`${spread('address')} ${spread('location')}`),
    'Where the address itself is null: an assumption. An address without one of its parts shows an empty text, as in the example.',
  ),
  ...nulls('GET /v1/recents', record('category'), 'Nullable in API v2.'),
  ...nulls(
    v1Notes,
    record('deal_id lead_id person_id org_id project_id task_id deal person organization project task last_update_user_id'),
    'One link is enough for a note. Those that it lacks are null in the examples of the guide for webhooks v2; the rest is inferred.',
  ),
  ...nulls(v1Notes, record('user/icon_url'), 'Null in the examples of /v1/users.'),
  ...nulls('GET /v1/activityTypes', record('color update_time'), 'Null in a list of activity types recorded in July 2022.'),
]

export const knownErrors: readonly KnownError[] = [
  ...nullsInV2,
  ...nullsInV1,
  ...each(
    'GET /v1/activityTypes',
    record('add_time update_time'),
    'must match format "date-time"',
    'The example beside it has `2019-10-04 16:24:55`, as all times in v1.',
  ),
  {
    problem: /^POST \/v1\/notes: answer 201 is not specified: 200$/,
    why: '201 was recorded in May 2026; the sandbox assumes that.',
  },
  {
    problem: /^GET \/v1\/leads: query sort must be equal to one of the allowed values /,
    why: 'The description of the parameter has `field_name_1 ASC`; the list of values has the names alone.',
  },
  {
    problem: /^DELETE \/api\/v2\/deals\/{id}\/discounts\/{discount_id}: answer\/data\/id must be integer$/,
    why: 'The path parameter, and the id in the answer of POST and PATCH, are a UUID.',
  },
  {
    problem: /^GET \/api\/v2\/deals\/search: answer\/data\/items\/\*\/item\/value must be integer$/,
    why: 'The value of a deal is a number with decimals everywhere else.',
  },
  {
    problem: /^GET \/api\/v2\/products\/search: answer\/data\/items\/\*\/item\/code must be integer$/,
    why: 'The code of a product is a text everywhere else.',
  },
]
