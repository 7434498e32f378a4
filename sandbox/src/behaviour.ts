import { nearest } from './nearest.ts'

/** A Switch is one point where Pipedrive's behaviour is not public: the assumed value and its alternatives. */
interface Switch<V> {
  /** The assumed value. */
  default: V
  alternatives: readonly V[]
  unknown: string
}

const choice = <const V, const A>(standard: V, alternatives: readonly A[], unknown: string): Switch<V | A> => ({
  default: standard,
  alternatives,
  unknown,
})

/** Every default below is an assumption that clients depend on, or an option. docs/sandbox.md lists the fixed assumptions. */
export const switches = {
  activityTimes: choice(
    'HH:MM:SS',
    ['HH:MM'],
    'The format of due_time and duration in v2. Its OpenAPI file and its migration guide contradict each other.',
  ),
  emptyActivityTime: choice(null, [''], 'The value of due_time and duration in an activity that has none.'),
  createStatus: choice(200, [201], 'The status of a create. The OpenAPI file says 200; v1 answered 201.'),
  deletedDealStatus: choice('deleted', ['kept'], 'The status of a deleted deal: deleted, or the status before the deletion.'),
  getDeletedDeal: choice('served', ['404'], 'Whether GET /deals/{id} returns a deal during the 30 days after its deletion.'),
  getArchivedDeal: choice('served', ['404'], 'Whether GET /deals/{id} returns an archived deal.'),
  changeDeletedRecord: choice(400, [403, 404, 409], 'The status of a PATCH on a deleted record.'),
  changeArchivedDeal: choice(403, [400, 404, 409], 'The status of a PATCH on an archived deal that does not unarchive it.'),
  deleteDeletedRecord: choice(
    410,
    [200, 400, 403, 404, 409],
    'The status of a second DELETE. An observed answer of v1 was 410 with the id.',
  ),
  deleteArchivedDeal: choice(200, [400, 403, 404, 409], 'Whether an archived deal can be deleted.'),
  newUpdateTime: choice(
    'add_time',
    ['a second later', 'null'],
    'The update_time of a record that was never changed. One second after add_time was observed in answers, null in webhooks.',
  ),
  updatedSinceOfNew: choice(
    'by add_time',
    ['left out'],
    'Whether updated_since and updated_until find a record whose update_time is null by its add_time, or leave it out.',
  ),
  visibilityOptions: choice(
    'by plan',
    ['1,3', '1,3,5,7', '1,7', '3,7', 'none'],
    'The options of the deal field visible_to. Only the sets of the plans are documented.',
  ),
  searchSeesAfterSeconds: choice(0, [1, 5, 30, 60], 'How many seconds pass until a search finds a new record.'),
  conversionSeconds: choice(
    2,
    [0, 1, 60],
    'How many seconds a conversion between deal and lead takes. It has the status running during the second half.',
  ),
  webhooks: choice(
    'delivered',
    ['none delivered'],
    'An option, not an unknown: "none delivered" accepts every webhook and drops every event silently.',
  ),
  webhookOrder: choice(
    'in order',
    ['shuffled'],
    'Whether events arrive in the order in which they happened, which Pipedrive does not promise. Shuffled events wait up to 3 s each.',
  ),
  webhookCopies: choice(
    1,
    [2, 3, 5],
    'How often each event is delivered. The documentation says that receivers need not check for duplicates.',
  ),
  metaId: choice(
    'stable',
    ['new for each attempt'],
    'Whether meta.id of an event stays the same over its retries and copies. The documentation implies it, but does not say so.',
  ),
  webhooksForUsers: choice(403, [401], 'The status that users who are not administrators get from /webhooks.'),
  strictUrls: choice(
    'off',
    ['on'],
    'An option, not an unknown: on checks subscription_url as Pipedrive does (https, public, reachable, no redirect); off also accepts endpoints on this machine.',
  ),
  contactSync: choice(
    'off',
    ['on'],
    'An option, not an unknown: on gives persons postal_address, notes, im, birthday and job_title, as contact sync does.',
  ),
  firewallAfter: choice(20, [1, 5, 10, 50, 100, 'never'], 'How many 429s of one key within 10 s trigger the firewall.'),
  dateHeader: choice('sent', ['missing'], 'Whether every answer has the header date, as HTTP requires of servers that have a clock.'),
  limits: choice(
    'off',
    ['on'],
    'An option, not an unknown: on refuses with 429; off counts, but always shows the burst window as after its first call, so that no client paces itself.',
  ),
} as const

/** Error texts that Pipedrive does not publish, in the documented form `Validation failed: <field>: <text>`. `{values}` is a placeholder. */
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
  visibilityNotOffered: 'Visibility is not available in your plan.',
  unknownLabel: 'Label not found.',
  unknownActivityType: 'Activity type not found or not active.',
  badCustomValue: 'Invalid value for custom field {values}',
  onePrimary: 'Only one value can be primary.',
  nameOrBothParts: 'Either name or both first_name and last_name must be given.',
  alwaysAdded: "'{values}' is always shown when a record is added.",
  stageNotShown: 'The field is not shown in the pipeline of stage {values}.',
  standardField: '{values} is a field of Pipedrive and can not be changed.',
  optionsRequired: 'At least one option is required.',
  noOptions: 'Options are for the field types enum and set only.',
  unknownOption: 'Option {values} not found.',
  nothingGiven: 'At least one field must be given.',
  unknownStage: 'Stage {values} not found.',
  unknownPipeline: 'Pipeline {values} not found.',
  onePriceACurrency: 'There can only be one price per currency.',
  cyclesOfOneTime: "Must be null when billing_frequency is 'one-time'.",
  cyclesOfWeekly: "Can not be null when billing_frequency is 'weekly'.",
  notLinkable: 'Product can not be added to deals.',
  tooManyRecurring: 'A deal can have at most 20 products that are billed more than once.',
  tooMany: 'At most {values} are allowed',
  installmentsAreOnce: 'A deal with installments can not have products that are billed more than once.',
  installmentsNeedOne: 'A deal with installments needs an enabled one-time product.',
  positive: 'This value should be positive.',
  noVariations: 'Product variation not found.',
  isDeleted: '{values} is deleted and can not be changed.',
  isArchived: '{values} is archived and can not be changed.',
  termTooShort: 'The search term must be at least {values} characters long.',
  alreadyFollows: 'User is already following.',
  notAFollower: 'Follower not found',
  noLink: 'One of deal_id, lead_id, person_id, org_id, project_id, task_id must be given.',
  leadNeedsContact: 'A lead must be linked to a person or an organization.',
  alreadyParticipates: 'Person is already a participant of the deal.',
  mergeWithItself: '{values} can not be merged with itself.',
  hasDeals: '{values} has deals and can not be deleted.',
  lastOne: 'The last {values} can not be deleted.',
  pipelineWithoutStages: 'Pipeline has no stages.',
  gone: 'This endpoint has been removed. Please use API v2.',
  notJson: 'The request body is not valid JSON.',
  tooLong: 'The value is longer than {values} characters',
  webhooksLimit: 'Webhooks limit of {values} per user reached',
} as const

type Switches = typeof switches
export type InventedText = keyof typeof inventedTexts
type Values<S> = S extends Switch<infer V> ? V : never

/** A Behaviour is the current value of every switch and the current wording of every invented text (`text.<name>`). It can change at any time. */
export type Behaviour = { -readonly [K in keyof Switches]: Values<Switches[K]> } & { [K in InventedText as `text.${K}`]: string }

/** An InvalidSwitch is an attempt to set an unknown switch, or a switch to an unknown value. */
export class InvalidSwitch extends Error {}

const assumed: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(Object.entries(switches).map(([name, { default: standard }]) => [name, standard])),
  ...Object.fromEntries(Object.entries(inventedTexts).map(([name, text]) => [`text.${name}`, text])),
}

/** Checks input from HTTP or plain JavaScript. An unknown name or value is an error, never a silent no-op. */
export function checkSwitches(chosen: Record<string, unknown>): Partial<Behaviour> {
  for (const [name, value] of Object.entries(chosen)) {
    if (!Object.hasOwn(assumed, name)) {
      const near = nearest(name, Object.keys(assumed))
      throw new InvalidSwitch(`No behaviour is called ${JSON.stringify(name)}${near ? `; did you mean ${near}?` : '.'}`)
    }
    const point: Switch<unknown> | undefined = (switches as Record<string, Switch<unknown>>)[name]
    const values = point && [point.default, ...point.alternatives]
    if (values ? !values.includes(value) : typeof value !== 'string')
      throw new InvalidSwitch(`${name} is ${values ? `one of ${values.map((v) => JSON.stringify(v)).join(', ')}` : 'a text'}.`)
  }
  return chosen
}

export const createBehaviour = (chosen: Partial<Behaviour> = {}): Behaviour => ({
  ...(assumed as unknown as Behaviour),
  ...checkSwitches(chosen),
})
