/** Where a rule comes from: the published reference page, what the hosts do, what API v1 did and flows rely on, or a decision of this project. */
export type Source = 'reference page' | 'hosts' | 'API v1' | 'decision'

/** A Rules table is every sentence of the contract that is neither an operation, nor a parameter, nor a row: id -> behaviour. */
type Rules = Readonly<Record<string, string>>

const inputs: Rules = {
  'input.id.leniency': 'an id is a JSON number or its decimal text, whatever type the contract names',
  'input.id.refused': 'an id of 0, below 0, with a fraction, or like "12abc" is a 400',
  'input.number.leniency': 'a number is a JSON number or its decimal text',
  'input.value.decimals': 'value takes decimals, although the contract types it as an integer',
  'input.text.leniency': 'a text may be given as a number or a boolean',
  'input.structure.refused': 'an object or a list where a single value belongs is a 400',
  'input.date.forms':
    'a plain date is yyyy-MM-dd or an ISO date-time, of which the date as written counts; a due_date with a time is that moment in UTC',
  'input.date.refused': 'any other date is a 400 with an example',
  'input.time.forms': 'a time is HH:mm or HH:mm:ss, also with one digit for the hour or a Z',
  'input.time.refused': 'any other time is a 400 with an example',
  'input.enum.leniency': 'enums ignore case and outer blanks',
  'input.optional.empty': 'null or "" for an optional field means that it is absent',
  'input.required.empty': 'null or "" for a required field is a 400',
  'input.extra.mapped': 'body fields beyond the contract that API v2, or API v1 under an older name, can write are mapped',
  'input.extra.custom-fields': '40-hex keys in a body are custom fields',
  'input.extra.unknown': 'any other body field is a 400 with the nearest known name',
  'input.beside.ignored': 'unknown query parameters and headers are ignored',
}

const stages: Rules = {
  'stage.decides': 'stage_id decides: upstream gets the pipeline of that stage',
  'stage.mismatch-warns': 'another pipeline_id from the caller succeeds, with a warning that names both',
  'stage.unknown': 'a stage that does not exist, after one fresh read of the list, is a 400',
  'stage.new': 'a stage that was made since is found by that fresh read',
  'stage.pipeline-only': 'pipeline_id alone means its first stage',
}

const updates: Rules = {
  'update.only-given': 'an update sends only the keys that the caller gave',
  'update.one-get': 'an update makes one GET with include_fields for what PATCH does not answer',
  'update.patch-wins': 'what the PATCH answered wins over what the GET answered',
}

const visibility: Rules = {
  'visible.two-options': 'with the options 1 and 3 the display names mean 1 and 3',
  'visible.four-options': 'with the options 1, 3, 5 and 7 the display names mean 1 and 7',
  'visible.numbers': 'the numbers 1, 3, 5 and 7 are taken as they are, without a look at the options',
  'visible.other-options': 'a display name with any other set of options, or none, is a 400 that lists what Pipedrive offers',
  'visible.cached': 'the options are read once in 24 h',
  'visible.leaves-as-text': 'visible_to leaves as the number in text',
}

const deletion: Rules = {
  'deleted.status-deletes':
    'UpdateDealStatus deleted deletes the deal and answers it as it was, with deleted true, active false, status deleted',
  'deleted.again': 'deleting a deleted deal is the same 200',
  'deleted.add': 'adding a deal with status deleted creates it, then deletes it',
  'deleted.add-failed': 'when that deletion fails, the error carries the id of the new deal',
  'deleted.change-refused': 'a change of a deleted deal is a 409 that says so and how to bring it back',
  'archived.change-refused': 'a change of an archived deal is a 409 that says so and how to bring it back',
  'deleted.served': 'GetDeal serves a deal deleted less than 30 days ago, whichever way Pipedrive serves it',
  'archived.served': 'GetDeal serves an archived deal, whichever way Pipedrive serves it',
}

const details: Rules = {
  'lost-reason.other-status': 'lost_reason with another status than lost is left out and named in a warning',
  'activity.type.key-or-name': 'the type of an activity is its key or its display name',
  'activity.type.unknown': 'an unknown activity type is a 400 with the list',
  'activity.due-date.today': "an activity without due_date gets today's date in the user's time zone",
  'activity.not-done': 'a new activity is not done',
}

const outputs: Rules = {
  'output.unwrapped': 'an action answers its record at the root of the body',
  'output.lookup-data': 'a look-up keeps the data around its rows',
  'output.lookup-cost': 'a look-up costs one upstream call, and one more only where a title takes a name that is not known yet',
  'output.lookup-recent': 'of deals, contacts and organizations the 500 most recently changed are listed',
  'output.lookup-title': 'no two rows of a look-up have the same title, and each says what it is',
  'output.time': 'a time leaves as yyyy-MM-ddTHH:mm:ss.fffZ',
  'output.empty-time': 'an empty time leaves as null',
  'output.activity-clock': 'activity times and durations come in any documented form and leave as HH:MM',
  'output.deal-clock': "the next activity's time and duration leave as HH:MM:SS on a deal",
  'output.missing-link': 'a missing link is null, not an empty object',
  'output.invisible-link': 'a link that is invisible yields its id with a null name',
  'output.deleted-link': 'a link that is deleted keeps its name as long as Pipedrive returns the record',
  'output.wrong-type': 'a value of another type than Pipedrive documents is null, or the call is an error; it is never handed on',
  'output.definition': '/swagger.json is the Swagger 2.0 definition of all operations, with the host of the request',
  'output.gone': 'the three fields that no longer exist upstream are null',
}

const names: Rules = {
  'names.once-per-kind': 'names are fetched once per kind for a whole page',
  'names.few-by-id': 'up to 9 names of a kind are fetched by single GETs',
  'names.many-by-ids': 'from 10 names of a kind on they are fetched by ids=',
  'names.reference-cached': 'users, stages, pipelines, activity types and currencies are read once in 6 h',
  'names.unknown-refreshes': 'an id that is not found refreshes its kind at once, at most once a minute',
  'names.users-by-id': 'a user is read by id until five different ones were asked for, then the list',
  'names.links-cached': 'persons and organizations are remembered for 60 s',
  'names.shown-refreshes': 'a name that an answer has just shown is the name in the next answer',
  'names.refused-key': 'a refused key drops its caches',
  'names.trouble': 'one linked record that cannot be read is a null name and x-dealbridge-incomplete, in calls and polls',
  'names.upstream-down': 'an error that concerns the whole call fails a read, also while names are fetched',
  'names.apart': "one account never sees another's names",
}

const writes: Rules = {
  'create.no-second-read': 'after a create there is no second read: the counts of a new deal are known',
  'write.stays-success':
    'once the upstream write has succeeded the answer is 2xx, with null names and x-dealbridge-incomplete where a look-up failed',
  'write.checked-before': 'everything that can fail runs before the write',
  'write.not-cancelled': 'a caller that hangs up does not cancel a write in flight',
  'write.outcome-unknown': 'a write whose outcome is unknown is a 409 that says what was sent and how to check',
}

const keys: Rules = {
  'connection.api-key': 'the Pipedrive API key comes with each request in the header x-api-key',
  'key.api-token': 'the header x-api-token is taken as well',
  'key.basic': 'HTTP Basic with the key as password and any user name is taken as well',
  'key.missing': 'a missing key is a 401 that says how to send it',
  'key.refused': 'a key that Pipedrive refuses is a 401, remembered for 5 minutes and answered locally',
  'key.refused-in-passing': 'a key that worked within the last hour is asked about again before a 401 blocks it',
  'key.guessing': 'over 20 refused keys a minute from one address are a 429',
  'key.not-echoed': 'a key is never echoed, nor logged',
  'key.companies': '--allow-companies limits which Pipedrive companies may pass',
}

const limits: Rules = {
  'limit.calls': '100 calls in 60 s per connection; the next is a 429 with Retry-After',
  'limit.calls.window': 'the window is fixed and begins with the first call',
  'limit.calls.counted': 'look-ups and polls count; our own 4xx and /healthz do not',
  'limit.calls.apart': 'each connection has its own 100 calls',
  'limit.polls': 'one poll in 120 s per trigger instance; an earlier one is a 429 with the rest, without an upstream call',
}

const errors: Rules = {
  'error.shape': 'an error is statusCode, code, message, source, requestId and details',
  'error.rate-message': 'the message of our 429 is "Rate limit is exceeded. Try again in N seconds."',
  'error.upstream-burst': 'a 429 of the upstream burst window has source pipedrive and says until when',
  'error.upstream-budget': 'a 429 of the upstream daily budget has source pipedrive, says until when, and is not waited for',
  'error.field-names': "messages of Pipedrive are translated to the contract's field names",
  'error.body-too-large': 'a body over 1 MB is a 413',
  'error.content-type': 'a body of a wrong content type is a 415; any charset and +json pass, and so does no body',
  'error.body-not-json': 'a body that is not a JSON object is a 400',
  'error.unknown-route': 'an unknown route is a 404 with the nearest one',
  'error.wrong-method': 'a known path with another method is a 405 that names the right one',
  'error.not-found': 'a record that does not exist is a 404 with source pipedrive',
  'error.forbidden': 'what Pipedrive forbids the user is a 403 with source pipedrive',
  'error.rejected': 'what Pipedrive refuses as invalid is a 400 with source pipedrive',
  'error.firewall': 'a 403 with HTML is the firewall: 503 with Retry-After, and no upstream call meanwhile',
  'error.account-blocked': 'an upstream 402 is a 403 PipedriveAccountBlocked',
  'error.unavailable': 'a read that Pipedrive cannot answer after retries is a 502 or 503',
  'error.unreadable': 'an upstream answer that is no JSON is an error with its status and a short excerpt',
  'header.cost': 'each answer tells the upstream calls and tokens it took',
}

const polling: Rules = {
  'poll.first': 'the first poll is a 202 with Location and Retry-After, never history',
  'poll.nothing-new': 'a poll with nothing new is a 202 without a body',
  'poll.new-records': 'a poll with new records is a 200 with a non-empty array at the root, oldest first, and a new Location',
  'poll.at-most-100': 'a poll answers at most 100 records',
  'poll.retry-after': 'Retry-After is 120, but 1 on a 200 when more is waiting',
  'poll.error-no-location': 'a 429, 503 or 5xx carries no Location',
  'poll.limit.first-free': 'the poll after the first one, and after a full batch, is served at once',
  'poll.limit.early': 'a state that is no full batch serves from 115 s after its issue',
  'poll.repeated': 'a host that repeats an older Location gets the same records again, never a 429',
  'poll.idle-cost': 'an idle poll costs 10 tokens',
  'poll.backlog': 'a backlog comes in windows of 100 upward from the watermark, each record once',
  'poll.survives-restart': 'a state survives a restart and works on any instance',
  'poll.exactly-once':
    'every record visible within 10 minutes of its creation comes exactly once per acknowledged chain, nothing else comes',
}

const locations: Rules = {
  'location.form': 'Location is absolute, has the same path, and an opaque triggerstate',
  'location.public-url': 'with --public-url Location begins with it',
  'location.host': "without it Location has the request's host",
  'location.forwarded': 'X-Forwarded-* headers count only from trusted proxies',
  'location.short': 'Location stays under 1,500 characters in the worst case',
}

const states: Rules = {
  'state.signed': 'a tampered state is a 400 that says what to do',
  'state.other-trigger': 'the state of another trigger is a 400',
  'state.foreign-company': "another company's state is a 400",
  'state.colleague': 'the key of a colleague in the same company keeps the state, after one users/me',
  'state.same-key': 'the same key is not checked upstream',
  'state.key-ring': 'states are signed with the first key of the ring, and older keys still verify',
  'state.unknown-key': 'a state of an unknown signing key is a 400 TriggerStateKeyUnknown with the way out',
  'state.key-file': 'without a ring the key comes from a 0600 file made at first start',
  'state.no-key': 'listening beyond loopback with neither ring nor file refuses to start',
}

const newness: Rules = {
  'new.by-id': 'new is decided by id: a record above the watermark is new',
  'new.late-commit': 'a record that became visible late, below the watermark, is new within 10 minutes of its add_time',
  'new.not-again': 'a re-assigned, restored, un-archived or newly visible record is not new',
  'new.mine': 'activities are those of the authorized user',
  'new.all': 'with --activities all they are those of the company',
}

const changes: Rules = {
  'change.updated': 'a deal or activity is updated when its update_time moves on; what was only just added is not',
  'change.moved': 'a deal is moved when it comes into another stage, and a later change of it is no second move',
  'change.won': 'a deal is won when its status becomes won, and again after it was open',
  'change.lost': 'a deal is lost when its status becomes lost',
  'change.deleted': 'a deleted deal is told with what it was, and again after it was restored',
  'change.done': 'an activity is done when it is marked as done, and again after it was not',
  'change.filters': 'each filter leaves out what does not fit when the trigger looks, and stays in the Location',
  'change.filters.refused': 'a filter that is no id is a 400, and an empty one is none',
  'change.history': 'the first poll answers nothing, whatever changed before it',
  'change.once': 'each change is answered once, oldest first, however many there are and whenever they came within one second',
  'change.same-second': 'a second change within the second of one that was answered is answered',
  'change.while-reading': 'a record that changes while pages are read is neither lost nor answered twice',
  'change.backlog': 'more than 100 changes come 100 at a time, at once',
  'change.unseen': 'what happens several times between two polls counts once, and what was undone by then is not noticed',
  'change.mine':
    'activities are those of the authorized user unless an owner is named; with --activities all they are those of the company',
  'change.foreign-state': 'the state of another trigger or company is refused with 400',
  'change.idle-cost': 'an idle poll costs 10 tokens',
  'change.restart': 'a state of changes survives a restart',
}

/** Every table by where its sentences come from. */
export const rules: readonly (readonly [Source, Rules])[] = [
  ['API v1', inputs],
  ['API v1', stages],
  ['decision', updates],
  ['API v1', visibility],
  ['API v1', deletion],
  ['API v1', details],
  ['reference page', outputs],
  ['decision', names],
  ['decision', writes],
  ['reference page', keys],
  ['reference page', limits],
  ['hosts', errors],
  ['hosts', polling],
  ['hosts', locations],
  ['decision', states],
  ['decision', newness],
  ['decision', changes],
]
