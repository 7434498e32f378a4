import { expect, test } from 'vitest'
import { DealbridgeError } from '../kit/errors/dealbridge-error.ts'
import { version } from '../kit/version.ts'
import type { Pipedrive } from './pipedrive.ts'
import { clientBefore, data, failureOf, page, refusal, type FakeAnswer } from './upstream.fixture.ts'

const deal = (id: number, rest: object = {}) => ({ id, title: `Deal ${id}`, is_deleted: false, ...rest })
/** Answers one after the other, then repeats the last one. */
const inTurn = (...answers: FakeAnswer[]) => {
  let turn = 0
  return () => answers[Math.min(turn++, answers.length - 1)]!
}
const told = async (attempt: Promise<unknown>) => {
  const error = await failureOf(attempt)
  expect(error).toBeInstanceOf(DealbridgeError)
  const { status, code, source, retryAfterSeconds, message, details } = error as DealbridgeError
  return { status, code, source, retryAfterSeconds, message, details }
}

test('the key goes into a header and never into the address; the user agent names us', async () => {
  const { open, seen } = clientBefore(() => data(deal(1)))
  await open('key-a').pipedrive.deals.get(1, ['next_activity_id', 'files_count'])
  expect(seen[0]!.path).toBe('/api/v2/deals/1?include_fields=next_activity_id,files_count')
  expect(seen[0]!.headers.get('x-api-token')).toBe('key-a')
  expect(seen[0]!.headers.get('user-agent')).toBe(`dealbridge/${version}`)
})

test('a write sends its body as JSON', async () => {
  const { open, seen } = clientBefore(() => data(deal(1)))
  await open().pipedrive.deals.create({ title: 'Chairs', value: 12.5 })
  expect(seen[0]).toMatchObject({ method: 'POST', path: '/api/v2/deals', body: { title: 'Chairs', value: 12.5 } })
  expect(seen[0]!.headers.get('content-type')).toBe('application/json')
})

test('every call goes to the version of the API that serves it', async () => {
  const { open, asked } = clientBefore(({ path }) => data(/\/\d+$|me$|visible_to$/.test(path) ? { id: 1, company_id: 7 } : []))
  const { pipedrive } = open()
  await pipedrive.users.me()
  await pipedrive.users.get(3)
  await pipedrive.users.list()
  await pipedrive.activityTypes.list()
  await pipedrive.currencies.list()
  await pipedrive.dealFields.get('visible_to')
  await pipedrive.stages.list()
  await pipedrive.pipelines.list()
  await pipedrive.persons.list({ ids: [1, 2], limit: 2 })
  await pipedrive.organizations.get(4)
  await pipedrive.activities.list({ owner_id: 7, sort_by: 'id', sort_direction: 'desc', limit: 50, cursor: 'a/b' })
  expect(asked()).toEqual([
    'GET /api/v1/users/me',
    'GET /api/v1/users/3',
    'GET /api/v1/users',
    'GET /api/v1/activityTypes',
    'GET /api/v1/currencies',
    'GET /api/v2/dealFields/visible_to',
    'GET /api/v2/stages?limit=500',
    'GET /api/v2/pipelines?limit=500',
    'GET /api/v2/persons?ids=1,2&limit=2',
    'GET /api/v2/organizations/4',
    'GET /api/v2/activities?owner_id=7&sort_by=id&sort_direction=desc&limit=50&cursor=a%2Fb',
  ])
})

test('stages and pipelines are read to the last page, other lists page by page', async () => {
  const { open, asked } = clientBefore(({ path }) => (path.includes('cursor=') ? data([{ id: 2 }]) : data([{ id: 1 }], 'more')))
  const { pipedrive } = open()
  expect(await pipedrive.stages.list()).toEqual([{ id: 1 }, { id: 2 }])
  expect(asked()).toEqual(['GET /api/v2/stages?limit=500', 'GET /api/v2/stages?limit=500&cursor=more'])
  expect(await pipedrive.deals.list({ status: 'open' })).toEqual({ rows: [{ id: 1 }], nextCursor: 'more' })
  expect(asked()).toEqual(['GET /api/v2/deals?status=open'])
})

test('a list without a last page is cancelled', async () => {
  const { open, seen } = clientBefore(() => data([{ id: 1 }], 'again'))
  expect(await told(open().pipedrive.stages.list())).toMatchObject({ status: 502, code: 'Unreadable' })
  expect(seen.length).toBeLessThan(50)
})

test('a list of no ids asks nothing: `ids=` would list everything; more than 100 is a mistake', async () => {
  const { open, seen } = clientBefore(() => data([deal(1)]))
  expect(await open().pipedrive.deals.list({ ids: [] })).toEqual({ rows: [], nextCursor: null })
  expect(seen).toEqual([])
  await expect(open().pipedrive.deals.list({ ids: Array.from({ length: 101 }, (_, i) => i + 1) })).rejects.toThrow('at most 100')
})

test('an attempt that was sent is in the ledger with its price, one that was not is not', async () => {
  const { open } = clientBefore(inTurn('refused', 'lost', refusal(500), data(deal(1))))
  const { pipedrive, ledger } = open()
  await pipedrive.deals.get(1)
  const entry = { method: 'GET', path: '/api/v2/deals/{id}', tokens: 1 }
  expect(ledger.entries).toEqual([
    { ...entry, status: 'failed' },
    { ...entry, status: 500 },
    { ...entry, status: 200 },
  ])
  expect([ledger.calls, ledger.tokens]).toEqual([3, 3])
})

test("a call that Pipedrive's gateway rejected is counted and costs nothing", async () => {
  const { open } = clientBefore(inTurn(refusal(429), data(deal(1)), refusal(401)))
  const { pipedrive, ledger } = open()
  await pipedrive.deals.create({ title: 'Chairs' })
  await failureOf(pipedrive.deals.get(1))
  expect(ledger.entries.map(({ status, tokens }) => [status, tokens])).toEqual([
    [429, 0],
    [200, 5],
    [401, 0],
    [401, 0],
  ])
})

test('a write whose connection was refused is repeated', async () => {
  const { open, asked } = clientBefore(inTurn('refused', data(deal(1))))
  expect((await open().pipedrive.deals.create({ title: 'Chairs' })).id).toBe(1)
  expect(asked()).toHaveLength(2)
})

test.each<[string, FakeAnswer, string]>([
  ['a lost connection', 'lost', 'connection lost'],
  ['a 500', refusal(500, 'boom'), 'status 500, "boom"'],
  ['an empty 502', { status: 502, body: '' }, 'status 502, without a text'],
  ['half an answer', { body: '{"success":true,"da' }, 'status 200'],
  ['an answer without a record', data({}), 'status 200'],
])('%s to a write is a 409 that tells what was sent and how to check, and is not repeated', async (_, answer, reason) => {
  const { open, asked } = clientBefore(() => answer)
  const { pipedrive } = open('key-a')
  const error = await told(pipedrive.deals.create({ title: 'Chairs for key-a' }))
  expect(error).toMatchObject({ status: 409, code: 'OutcomeUnknown' })
  for (const part of ['POST /api/v2/deals', 'new deal "Chairs for [key]"', '2026-11-22T10:00:00', reason])
    expect(error.message).toContain(part)
  expect(error.message).not.toContain('key-a')
  expect(asked()).toHaveLength(1)
  expect((await told(pipedrive.deals.update(7, { stage_id: 2 }))).message).toContain('Open deal 7 in Pipedrive')
})

test('a delete needs no record in its answer, but an answer', async () => {
  const { open } = clientBefore(inTurn(data(true), { status: 200, body: '' }))
  await expect(open().pipedrive.deals.delete(7)).resolves.toBeUndefined()
  expect(await told(open().pipedrive.deals.delete(7))).toMatchObject({
    status: 409,
    message: expect.stringContaining('Only if it is still there, retry: resubmit the run, or send it with a new Idempotency-Key.'),
  })
})

test.each<[string, FakeAnswer, object]>([
  [
    'a 400',
    refusal(400, 'Validation failed: owner_id: User not found; value: Bad'),
    {
      status: 400,
      code: 'Rejected',
      details: [
        { field: 'owner_id', message: 'User not found' },
        { field: 'value', message: 'Bad' },
      ],
    },
  ],
  ['a 422', refusal(422, 'Too many'), { status: 400, code: 'Rejected', message: 'Pipedrive refused this: Too many' }],
  ['a 401', refusal(401), { status: 401, code: 'ApiKeyRefused' }],
  ['a 402', page(402), { status: 403, code: 'PipedriveAccountBlocked' }],
  [
    'a 403 of Pipedrive',
    refusal(403, 'Open deals limit reached.'),
    { status: 403, code: 'Forbidden', message: expect.stringContaining('Open deals limit reached.') },
  ],
  ['a 403 of the firewall', page(403), { status: 503, code: 'FirewallBlocked', retryAfterSeconds: 60 }],
  ['a 404', refusal(404, 'Deal not found'), { status: 404, code: 'NotFound', message: expect.stringContaining('deal 7') }],
  ['a 409', refusal(409, 'Locked'), { status: 409, code: 'Conflict', message: expect.stringContaining('Locked') }],
])('%s to a write is reported as what it is, and not repeated', async (_, answer, expected) => {
  const { open, asked } = clientBefore(() => answer)
  expect(await told(open().pipedrive.deals.update(7, { value: 1 }))).toMatchObject({ source: 'pipedrive', ...expected })
  expect(asked()).toHaveLength(1)
})

test('what a create refers to may be missing: that is the caller’s 400, not a 404 of the new record', async () => {
  const { open } = clientBefore(() => refusal(404, 'Person not found'))
  expect(await told(open().pipedrive.deals.create({ title: 'Chairs', person_id: 9 }))).toMatchObject({
    status: 400,
    message: expect.stringContaining('Person not found'),
  })
})

test.each([
  ['a list', (pipedrive: Pipedrive) => pipedrive.stages.list()],
  ['a create', (pipedrive: Pipedrive) => pipedrive.deals.create({ title: 'Chairs' })],
])('a 410 to %s is the same refusal for reads and writes', async (_, call) => {
  const { open, asked } = clientBefore(() => refusal(410, 'Endpoint removed'))
  expect(await told(call(open().pipedrive))).toMatchObject({
    status: 400,
    code: 'Rejected',
    message: expect.stringContaining('Endpoint removed'),
  })
  expect(asked()).toHaveLength(1)
})

test.each([
  ['a read', (pipedrive: Pipedrive) => pipedrive.stages.get(7)],
  ['an update', (pipedrive: Pipedrive) => pipedrive.deals.update(7, { value: 1 })],
])('a 410 to %s of one record means that the record is missing', async (_, call) => {
  const { open } = clientBefore(() => refusal(410, 'Gone'))
  expect(await told(call(open().pipedrive))).toMatchObject({ status: 404, code: 'NotFound' })
})

test('a page instead of JSON is reported with its status and a short excerpt, without the key', async () => {
  const { open, asked } = clientBefore(() => page(200, `<html><title>Welcome key-a</title>${'x'.repeat(9_000)}</html>`))
  const error = await told(open('key-a').pipedrive.deals.get(1))
  expect(error).toMatchObject({ status: 502, code: 'Unreadable' })
  expect(error.message).toContain('status 200, beginning "<html><title>Welcome [key]</title>xxx')
  expect(error.message.length).toBeLessThan(700)
  expect(asked()).toHaveLength(1)
})

test('a page with status 404 does not mean that a record is missing', async () => {
  const { open } = clientBefore(() => page(404))
  expect(await told(open().pipedrive.deals.get(1))).toMatchObject({ status: 502, code: 'Unreadable' })
})

test('a read is retried until it is answered, and fails after the fourth attempt', async () => {
  const good = clientBefore(inTurn('lost', refusal(503), page(502), data(deal(1))))
  expect((await good.open().pipedrive.deals.get(1)).id).toBe(1)
  const bad = clientBefore(() => refusal(500, 'boom'))
  const error = await told(bad.open().pipedrive.deals.get(1))
  expect(error).toMatchObject({ status: 503, code: 'Unavailable', message: expect.stringContaining('sent 4 times') })
  expect(error.message).toContain('boom')
  expect(bad.asked()).toHaveLength(4)
})

test("a 504 of Pipedrive's stays a 504", async () => {
  const { open } = clientBefore(() => page(504))
  expect(await told(open().pipedrive.deals.get(1))).toMatchObject({ status: 504, code: 'Unavailable' })
})

const spent = (rest: Record<string, string> = {}): FakeAnswer => ({
  status: 429,
  body: { success: false, error: 'Rate limit exceeded' },
  headers: {
    'x-ratelimit-limit': '20',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': '2',
    'x-daily-ratelimit-token-remaining': '500',
    ...rest,
  },
})

test('a burst 429 is waited for, also by a write', async () => {
  const { open, clock, asked } = clientBefore(inTurn(spent(), data(deal(1))))
  const before = clock.now()
  await open().pipedrive.deals.create({ title: 'Chairs' })
  expect(asked()).toHaveLength(2)
  expect(clock.now() - before).toBeGreaterThanOrEqual(2_000)
})

test('a lasting burst limit is reported with the wait, as Pipedrive’s', async () => {
  const { open } = clientBefore(() => spent({ 'x-ratelimit-reset': '60' }))
  expect(await told(open().pipedrive.deals.get(1))).toMatchObject({
    status: 429,
    code: 'BurstExhausted',
    source: 'pipedrive',
    retryAfterSeconds: 60,
    message: expect.stringMatching(/^Rate limit is exceeded\. Try again in 60 seconds\. .*burst.*2026-11-22T10:01:00/),
  })
})

test('an empty daily budget is reported at once, with the assumption about its end', async () => {
  const { open, asked } = clientBefore(() => spent({ 'x-daily-ratelimit-token-remaining': '0' }))
  expect(await told(open().pipedrive.deals.get(1))).toMatchObject({
    status: 429,
    code: 'BudgetExhausted',
    source: 'pipedrive',
    retryAfterSeconds: 14 * 3600,
    message: expect.stringMatching(/^Rate limit is exceeded\. Try again in 50400 seconds\. .*daily.*UTC is assumed/),
  })
  expect(asked()).toHaveLength(1)
})

test('the burst window is respected beforehand, for this key only', async () => {
  const full: FakeAnswer = {
    ...(data(deal(1)) as object),
    headers: { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2' },
  }
  const { open, clock } = clientBefore(() => full)
  const start = clock.now()
  await open('key-a').pipedrive.deals.get(1)
  await open('key-b').pipedrive.deals.get(1)
  expect(clock.now()).toBe(start)
  await open('key-a').pipedrive.deals.get(1)
  expect(clock.now() - start).toBe(2_050)
  const error = await told(open('key-a', { deadlineAt: clock.now() + 1_000 }).pipedrive.deals.get(1))
  expect(error).toMatchObject({ status: 429, code: 'BurstExhausted', retryAfterSeconds: 3 })
})

test('after the firewall nothing is sent until its pause is over, then one call tries', async () => {
  let blocks = true
  const { open, clock, asked } = clientBefore(() => (blocks ? page(403) : data(deal(1))))
  await told(open().pipedrive.deals.get(1))
  expect(asked()).toHaveLength(1)
  clock.advance(20_000)
  expect(await told(open().pipedrive.deals.create({ title: 'Chairs' }))).toMatchObject({
    status: 503,
    code: 'FirewallBlocked',
    retryAfterSeconds: 40,
  })
  expect(asked()).toEqual([])
  clock.advance(40_000)
  blocks = false
  await open().pipedrive.deals.get(1)
  await open().pipedrive.deals.get(1)
  expect(asked()).toHaveLength(2)
})

test('calls that start together do not all take the last place of the window', async () => {
  let left = 2
  const { open, clock } = clientBefore(() => ({
    ...(data(deal(1)) as object),
    headers: { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': String(Math.max(0, --left)), 'x-ratelimit-reset': '2' },
  }))
  const { pipedrive } = open()
  await pipedrive.deals.get(1)
  const start = clock.now()
  await Promise.all([pipedrive.deals.get(1), pipedrive.deals.get(1)])
  expect(clock.now() - start).toBe(2_050)
})

test('of calls that start together after a pause only one tries the firewall', async () => {
  const { open, clock, asked } = clientBefore(() => page(403))
  await told(open().pipedrive.deals.get(1))
  clock.advance(60_000)
  const failures = await Promise.all(Array.from({ length: 5 }, () => told(open().pipedrive.deals.get(1))))
  expect(failures.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'FirewallBlocked'))
  expect(asked()).toHaveLength(2)
})

test('nothing is sent when the time of the call is over', async () => {
  const { open, clock, asked } = clientBefore(() => data(deal(1)))
  const { pipedrive, referenceData } = open()
  clock.advance(25_000)
  for (const attempt of [
    pipedrive.deals.get(1),
    pipedrive.deals.create({ title: 'Chairs' }),
    referenceData.me(),
    referenceData.fetch('person', [1]),
  ])
    expect(await told(attempt)).toMatchObject({ status: 504, code: 'OutOfTime' })
  expect(asked()).toEqual([])
})

test('a write is not started with less time than it needs for an answer', async () => {
  const { open, clock, asked } = clientBefore(() => data(deal(1)))
  const { pipedrive } = open('key-a', { deadlineAt: clock.now() + 2_000 })
  await pipedrive.deals.get(1)
  expect(await told(pipedrive.deals.create({ title: 'Chairs' }))).toMatchObject({ code: 'OutOfTime' })
  expect(asked()).toEqual(['GET /api/v2/deals/1'])
})

test('a caller that hangs up ends a read and the wait before a write, but not a write in flight', async () => {
  const caller = new AbortController()
  const { open, asked } = clientBefore(({ method }) => {
    caller.abort()
    return method === 'POST' ? data(deal(5)) : new Promise<FakeAnswer>(() => {})
  })
  const { pipedrive } = open('key-a', { signal: caller.signal })
  expect((await pipedrive.deals.create({ title: 'Chairs' })).id).toBe(5)
  expect(await told(pipedrive.deals.create({ title: 'Chairs' }))).toMatchObject({ code: 'CallerGone' })
  expect(asked()).toHaveLength(1)
  const reading = new AbortController()
  const read = open('key-a', { signal: reading.signal }).pipedrive.deals.get(1)
  reading.abort()
  expect(await told(read)).toMatchObject({ code: 'CallerGone' })
})

test('a text that cannot be a key is refused without being sent', async () => {
  const { open, asked } = clientBefore(() => data(deal(1)))
  for (const key of ['two words', 'line\nbreak', 'schlüssel', ''])
    expect(await told(open(key).pipedrive.deals.get(1))).toMatchObject({ code: 'ApiKeyRefused' })
  expect(asked()).toEqual([])
})

test('an invalid id is an error before anything is sent', async () => {
  const { open, asked } = clientBefore(() => data(deal(1)))
  for (const id of [0, -1, 1.5, NaN]) await expect((async () => open().pipedrive.deals.get(id))()).rejects.toThrow('is not an id')
  expect(asked()).toEqual([])
})
