import { nearest } from '../kit/nearest.ts'

/** A Switch is one point at which the real service is not publicly known: what is assumed, and what else it may be. */
interface Switch<V> {
  /** The assumption. */
  default: V
  alternatives: readonly V[]
  unknown: string
}

const choice = <const V>(standard: V, alternatives: readonly V[], unknown: string): Switch<V> => ({
  default: standard,
  alternatives,
  unknown,
})

/** Every default below is an assumption. */
export const switches = {
  activityTimes: choice(
    'HH:MM:SS',
    ['HH:MM'],
    'How v2 writes due_time and duration: its OpenAPI and its migration guide contradict each other.',
  ),
  emptyActivityTime: choice(null, [''], 'What an activity without due_time or duration shows.'),
  activityDefaults: choice(
    'like v1',
    ['none'],
    'Whether POST /activities fills in subject (the name of its type) and due_date (today) as v1 did.',
  ),
  activityPersonId: choice('refused', ['ignored'], 'Whether the read-only person_id in an activity body is refused or ignored.'),
  createStatus: choice(200, [201], 'The status of a create: the OpenAPI says 200, v1 answered 201.'),
  deletedDealStatus: choice('deleted', ['kept'], 'The status that a deleted deal shows: deleted, or the last one.'),
  getDeletedDeal: choice('served', ['404'], 'Whether GET /deals/{id} serves a deal during the 30 days after its deletion.'),
  getArchivedDeal: choice('served', ['404'], 'Whether GET /deals/{id} serves an archived deal.'),
  getDeletedRecord: choice('served', ['404'], 'The same for deleted activities, persons and organizations.'),
  changeDeletedRecord: choice(400, [403, 404, 409], 'The status of a PATCH on a deleted record.'),
  changeArchivedDeal: choice(403, [400, 404, 409], 'The status of a PATCH on an archived deal that does not bring it back.'),
  deleteDeletedRecord: choice(410, [200, 400, 403, 404, 409], 'The status of a second DELETE; v1 was seen to answer 410 with the id.'),
  deleteArchivedDeal: choice(200, [400, 403, 404, 409], 'Whether an archived deal can be deleted.'),
  stageOfOtherPipeline: choice(
    'pipeline ignored',
    ['400'],
    'What happens when stage_id and pipeline_id disagree; v1 ignored the pipeline.',
  ),
  refusedVisibility: choice(403, [400], 'The status for a visible_to that the plan does not offer.'),
  visibilityOptions: choice(
    'by plan',
    ['1,3', '1,3,5,7', '1,7', '3,7', 'none'],
    'Which options the deal field visible_to offers; only the sets of the plans are documented.',
  ),
  customFieldsWhenNone: choice('null', ['{}'], 'custom_fields in a company that has none: null was seen, the OpenAPI shows {}.'),
  oldV1Routes: choice(
    410,
    [404],
    'What the unsupported v1 routes of deals, activities, stages … answer; the real ones still worked in September 2026.',
  ),
  tooManyRequestsBody: choice('json', ['empty', 'html'], 'The body of a 429.'),
  limits: choice(
    'off',
    ['on'],
    'Not a doubt but a choice: on refuses with 429; off counts, but shows a burst window as after its first call, so that no client paces itself.',
  ),
} as const

/** Texts of errors that nobody has published, in the documented form `Validation failed: <field>: <text>`. `{…}` is filled in. */
export const inventedTexts = {
  required: 'This value is required.',
  empty: 'This value should not be blank.',
  notOneOf: 'The value is not one of {values}',
  notADate: 'This value is not a valid date.',
  outOfRange: 'The value is not between {values}',
  tooManyIds: 'At most 100 ids are allowed',
  tooManyCustomFields: 'At most 15 custom fields are allowed',
  badCursor: 'The cursor is not valid for this request',
  unknownInclude: "Unknown field '{values}'",
  notFound: '{values} not found or not accessible.',
  badCurrency: 'Currency not found or not active.',
  lostReasonOnlyWhenLost: 'Can only be set if deal status is lost.',
  wonTimeOnlyWhenWon: 'Can only be set if deal status is won.',
  lostTimeOnlyWhenLost: 'Can only be set if deal status is lost.',
  closeTimeOnlyWhenClosed: 'Can only be set if deal status is won or lost.',
  stageOfOtherPipeline: 'Stage does not belong to the pipeline.',
  visibilityNotOffered: 'Visibility is not available in your plan.',
  unknownLabel: 'Label not found.',
  unknownActivityType: 'Activity type not found or not active.',
  isDeleted: '{values} is deleted and can not be changed.',
  isArchived: '{values} is archived and can not be changed.',
  gone: 'This endpoint has been removed. Please use API v2.',
  notJson: 'The request body is not valid JSON.',
} as const

type Switches = typeof switches
export type InventedText = keyof typeof inventedTexts
type Values<S> = S extends Switch<infer V> ? V : never

/** A Behaviour is the current position of every switch and the current wording of every invented text (`text.<name>`). It may be changed at any time. */
export type Behaviour = { -readonly [K in keyof Switches]: Values<Switches[K]> } & { [K in InventedText as `text.${K}`]: string }

/** A WrongSwitch is an attempt to set a switch that does not exist, or to a value that it does not have. */
export class WrongSwitch extends Error {}

const assumed: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(Object.entries(switches).map(([name, { default: standard }]) => [name, standard])),
  ...Object.fromEntries(Object.entries(inventedTexts).map(([name, text]) => [`text.${name}`, text])),
}

/** Checks what came over the wire or from plain JavaScript; what is unknown is an error, never a silent no-op. */
export function checkSwitches(chosen: Record<string, unknown>): Partial<Behaviour> {
  for (const [name, value] of Object.entries(chosen)) {
    if (!Object.hasOwn(assumed, name)) {
      const near = nearest(name, Object.keys(assumed))
      throw new WrongSwitch(`No behaviour is called ${JSON.stringify(name)}${near ? `; did you mean ${near}?` : '.'}`)
    }
    const point: Switch<unknown> | undefined = (switches as Record<string, Switch<unknown>>)[name]
    const values = point && [point.default, ...point.alternatives]
    if (values ? !values.includes(value) : typeof value !== 'string')
      throw new WrongSwitch(`${name} is ${values ? `one of ${values.map((v) => JSON.stringify(v)).join(', ')}` : 'a text'}.`)
  }
  return chosen
}

export const createBehaviour = (chosen: Partial<Behaviour> = {}): Behaviour => ({
  ...(assumed as unknown as Behaviour),
  ...checkSwitches(chosen),
})
