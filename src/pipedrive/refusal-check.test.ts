import { expect, test } from 'vitest'
import { clientBefore, data, failureOf, page, refusal, type FakeAnswer, type SeenRequest } from './upstream.fixture.ts'

const ME = 'GET /api/v1/users/me'
const deal = (id: number) => ({ id, title: 'Chairs', update_time: '2026-01-01T00:00:00Z' })
const normal = ({ path }: SeenRequest): FakeAnswer => data(path.includes('users/me') ? { id: 1, name: 'Alice', company_id: 7 } : deal(5))

/** An upstream whose answers a test changes while it runs, and a key that it has served. */
async function servedKey() {
  let answer: (seen: SeenRequest) => FakeAnswer = normal
  const upstream = clientBefore((seen) => answer(seen))
  await upstream.open().pipedrive.deals.get(5)
  upstream.asked()
  return {
    ...upstream,
    answers: (next: (seen: SeenRequest) => FakeAnswer) => void (answer = next),
    /** The next requests get a 401, then everything is normal. */
    refusesNext(requests: number) {
      let left = requests
      answer = (seen) => (left-- > 0 ? refusal(401) : normal(seen))
    },
  }
}

test.each(['read', 'write'] as const)('a %s of a key that worked lately outlives one 401', async (kind) => {
  const { open, asked, refusesNext } = await servedKey()
  refusesNext(1)
  const { deals } = open().pipedrive
  expect(await (kind === 'read' ? deals.get(5) : deals.create({ title: 'Chairs' }))).toMatchObject({ id: 5 })
  const request = kind === 'read' ? 'GET /api/v2/deals/5' : 'POST /api/v2/deals'
  expect(asked()).toEqual([request, ME, request])
})

test('a key that worked earlier in the same operation is asked again as well', async () => {
  const { open, asked, refusesNext } = await servedKey()
  const { pipedrive } = open('new-key')
  await pipedrive.deals.get(5)
  refusesNext(1)
  await pipedrive.deals.get(5)
  expect(asked()).toContain(ME)
})

test('a key that was replaced is refused after one question', async () => {
  const { open, asked, answers } = await servedKey()
  answers(() => refusal(401))
  expect(await failureOf(open().pipedrive.deals.get(5))).toMatchObject({ status: 401, code: 'ApiKeyRefused' })
  expect(asked()).toEqual(['GET /api/v2/deals/5', ME])
})

test.each([
  ['refuses the key', true, 301],
  ['refused it in passing', false, 601],
])('300 parallel calls ask one question when Pipedrive %s', async (_, isReplaced, requests) => {
  const { open, asked, answers, refusesNext } = await servedKey()
  if (isReplaced) answers(() => refusal(401))
  else refusesNext(300)
  const results = await Promise.allSettled(Array.from({ length: 300 }, () => open().pipedrive.deals.get(5)))
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set([isReplaced ? 'rejected' : 'fulfilled']))
  const sent = asked()
  expect(sent.filter((request) => request === ME)).toHaveLength(1)
  expect(sent).toHaveLength(requests)
})

test('a key that never worked is asked about once: it may be a guess', async () => {
  const { open, asked, answers } = await servedKey()
  answers(() => refusal(401))
  expect(await failureOf(open('a-guess').pipedrive.deals.get(5))).toMatchObject({ code: 'ApiKeyRefused' })
  expect(asked()).toEqual(['GET /api/v2/deals/5'])
})

test('nor is a key asked about again that worked more than an hour ago', async () => {
  const { open, asked, answers, clock } = await servedKey()
  clock.advance(60 * 60_000 + 1)
  answers(() => refusal(401))
  await failureOf(open().pipedrive.deals.get(5))
  expect(asked()).toEqual(['GET /api/v2/deals/5'])
})

test('a key that this server keeps is asked about again, also by a process that has just started', async () => {
  const { open, asked, refusesNext } = await servedKey()
  refusesNext(1)
  await open('kept-key', { isStoredKey: true }).pipedrive.deals.get(5)
  expect(asked()).toEqual(['GET /api/v2/deals/5', ME, 'GET /api/v2/deals/5'])
})

test('a request that is refused again while the key is good is a missing permission', async () => {
  const { open, asked, answers } = await servedKey()
  answers((seen) => (seen.path.includes('webhooks') ? refusal(401, 'admins only') : normal(seen)))
  expect(await failureOf(open().pipedrive.webhooks.list())).toMatchObject({
    status: 403,
    code: 'Forbidden',
    message: expect.stringContaining('admins only'),
  })
  expect(asked()).toEqual(['GET /api/v1/webhooks', ME, 'GET /api/v1/webhooks'])
})

test('a key that is replaced right after a 401 that passed is refused', async () => {
  const { open, asked, answers, refusesNext } = await servedKey()
  refusesNext(1)
  await open().pipedrive.deals.get(5)
  asked()
  answers(() => refusal(401))
  expect(await failureOf(open().pipedrive.deals.get(5))).toMatchObject({ code: 'ApiKeyRefused' })
  expect(asked()).toEqual(['GET /api/v2/deals/5', ME])
})

test('a refused key that this server keeps is asked about every ten seconds at most', async () => {
  const { open, asked, answers, clock } = await servedKey()
  answers(() => refusal(401))
  const call = () => failureOf(open('kept-key', { isStoredKey: true }).pipedrive.deals.get(5))
  for (let calls = 0; calls < 3; calls++) await call()
  clock.advance(10_001)
  await call()
  expect(asked().filter((request) => request === ME)).toHaveLength(2)
})

test('a question that gets no answer says nothing about the key, and the next 401 asks again', async () => {
  const { open, asked, answers } = await servedKey()
  answers(({ path }) => (path.includes('users/me') ? page(500) : refusal(401)))
  expect(await failureOf(open().pipedrive.deals.get(5))).toMatchObject({ status: 503, code: 'Unavailable' })
  asked()
  answers(() => refusal(401))
  expect(await failureOf(open().pipedrive.deals.get(5))).toMatchObject({ code: 'ApiKeyRefused' })
  expect(asked()).toEqual(['GET /api/v2/deals/5', ME])
})

test('a caller that hangs up does not take the question from the others', async () => {
  const { open, answers } = await servedKey()
  const caller = new AbortController()
  let refusals = 2
  answers((seen) => {
    if (seen.path.includes('users/me')) caller.abort()
    return refusals-- > 0 ? refusal(401) : normal(seen)
  })
  const [first, second] = await Promise.allSettled([
    open('key-a', { signal: caller.signal }).pipedrive.deals.get(5),
    open().pipedrive.deals.get(5),
  ])
  expect([first.status, second.status]).toEqual(['rejected', 'fulfilled'])
})
