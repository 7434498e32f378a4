import { describe, expect, test } from 'vitest'
import { Secret } from '../kit/secret.ts'
import { ids, upstream } from './records.fixture.ts'
import { data, failureOf, refusal, type FakeAnswer } from './upstream.fixture.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

describe('persons and organizations', () => {
  test('up to nine are read one by one, from ten on in lists of a hundred, the rest again one by one', async () => {
    const { open, asked } = upstream()
    for (const [count, calls, tokens] of [
      [9, 9, 9],
      [10, 1, 10],
      [100, 1, 10],
      [105, 6, 15],
      [250, 3, 30],
    ] as const) {
      const { referenceData, ledger } = open(`key-${count}`)
      expect((await referenceData.fetch('person', ids(count))).size).toBe(count)
      expect([count, asked().length, ledger.tokens]).toEqual([count, calls, tokens])
    }
  })

  test('each is asked for once, however often it is wanted', async () => {
    const { open, asked } = upstream()
    const { referenceData } = open()
    const found = await referenceData.fetch('organization', [5, 5, 5])
    expect(found).toEqual(new Map([[5, { id: 5, name: 'organizations 5', is_deleted: false }]]))
    expect(asked()).toEqual(['GET /api/v2/organizations/5'])
  })

  test('they are remembered for 60 s, also that one is not visible', async () => {
    const { open, clock, asked } = upstream()
    expect([...(await open().referenceData.fetch('person', [1, 901])).keys()]).toEqual([1])
    expect(asked()).toHaveLength(2)
    clock.advance(minute - 1)
    expect([...(await open().referenceData.fetch('person', [1, 901])).keys()]).toEqual([1])
    expect(asked()).toEqual([])
    clock.advance(1)
    await open().referenceData.fetch('person', [1, 901])
    expect(asked()).toHaveLength(2)
  })

  test('two calls that want the same at once cause one load, and only the first pays', async () => {
    const { open, asked } = upstream()
    const [first, second] = [open(), open()]
    const [one, two] = await Promise.all([first.referenceData.fetch('person', [1, 2]), second.referenceData.fetch('person', [2, 3])])
    expect([[...one.keys()], [...two.keys()].sort((a, b) => a - b)]).toEqual([
      [1, 2],
      [2, 3],
    ])
    expect(asked()).toHaveLength(3)
    expect([first.ledger.calls, second.ledger.calls]).toEqual([2, 1])
  })

  test('a failure is not cached', async () => {
    let broken = true
    const { open } = upstream(() => (broken ? refusal(400, 'broken') : undefined))
    expect((await failureOf(open().referenceData.fetch('person', [1]))).message).toContain('broken')
    broken = false
    expect((await open().referenceData.fetch('person', [1])).size).toBe(1)
  })

  test('invalid ids are absent, without a request', async () => {
    const { open, asked } = upstream()
    expect(await open().referenceData.fetch('person', [0, -1])).toEqual(new Map())
    expect(asked()).toEqual([])
  })
})

describe('activities and deals', () => {
  test('are read again each time', async () => {
    const { open, asked } = upstream()
    for (let i = 0; i < 2; i++) await open().referenceData.fetch('activity', [1])
    for (let i = 0; i < 2; i++) await open().referenceData.fetch('deal', ids(10))
    expect(asked()).toHaveLength(4)
  })

  test('up to nine archived deals that the list leaves out are read one by one, more from the list of the archived', async () => {
    const { open, archived } = upstream()
    archived.add(1).add(2)
    const few = open('key-few')
    expect((await few.referenceData.fetch('deal', ids(12))).size).toBe(12)
    expect(few.ledger.tokens).toBe(12)
    for (const id of ids(10)) archived.add(id)
    const many = open('key-many')
    expect((await many.referenceData.fetch('deal', ids(12))).size).toBe(12)
    expect(many.ledger.tokens).toBe(30)
  })
})

describe('users', () => {
  test('five are read by id, the sixth brings the whole list, for 6 h', async () => {
    const { open, clock, asked } = upstream()
    for (const id of ids(5)) await open().referenceData.fetch('user', [id, 1])
    expect(asked()).toEqual(ids(5).map((id) => `GET /api/v1/users/${id}`))
    expect((await open().referenceData.fetch('user', [6, 7])).size).toBe(2)
    expect((await open().referenceData.fetch('user', [8])).size).toBe(1)
    expect(asked()).toEqual(['GET /api/v1/users'])
    clock.advance(6 * hour)
    await open().referenceData.fetch('user', [8])
    expect(asked()).toEqual(['GET /api/v1/users'])
  })

  test('more than five at once bring the list at once', async () => {
    const { open } = upstream()
    const { referenceData, ledger } = open()
    expect((await referenceData.fetch('user', ids(6))).size).toBe(6)
    expect(ledger.tokens).toBe(20)
  })

  test('a missing user is absent, and read again after a minute', async () => {
    const { open, clock, asked } = upstream()
    expect(await open().referenceData.fetch('user', [999])).toEqual(new Map())
    await open().referenceData.fetch('user', [999])
    expect(asked()).toHaveLength(1)
    clock.advance(minute)
    await open().referenceData.fetch('user', [999])
    expect(asked()).toHaveLength(1)
  })
})

describe('cached lists', () => {
  test('stages come in the order of pipelines and places, read once in 6 h', async () => {
    const { open, clock, asked } = upstream()
    expect((await open().referenceData.stages()).map(({ id }) => id)).toEqual([2, 1, 3])
    expect((await open().referenceData.stage(3))?.pipeline_id).toBe(2)
    expect((await open().referenceData.fetch('stage', [1])).size).toBe(1)
    expect(asked()).toHaveLength(1)
    clock.advance(6 * hour)
    await open().referenceData.stages()
    expect(asked()).toHaveLength(1)
  })

  test('an id that is not in a list refreshes it at once, but not twice in a minute', async () => {
    const { open, clock, lists, asked } = upstream()
    await open().referenceData.stages()
    lists['stages']!.push({ id: 4, pipeline_id: 2, order_nr: 1 })
    expect((await open().referenceData.stage(4))?.id).toBe(4)
    expect(asked()).toHaveLength(2)
    expect(await open().referenceData.stage(5)).toBeUndefined()
    expect(asked()).toHaveLength(0)
    clock.advance(minute)
    await Promise.all([open().referenceData.stage(5), open().referenceData.stage(6), open().referenceData.fetch('stage', [7])])
    expect(asked().map((request) => request.replace(/\?.*/, ''))).toEqual(['GET /api/v2/stages', 'GET /api/v2/stages/7'])
  })

  test('so does any other value that is searched in a list', async () => {
    const { open, lists, asked } = upstream()
    await open().referenceData.stages()
    lists['stages']!.push({ id: 4, pipeline_id: 9, order_nr: 1 })
    const inPipeline = (id: number) => open().referenceData.find('stage', (stages) => stages.find((stage) => stage.pipeline_id === id)?.id)
    expect([await inPipeline(9), await inPipeline(10), await inPipeline(10)]).toEqual([4, undefined, undefined])
    expect(asked()).toHaveLength(2)
  })

  test('a list that cannot be read again keeps the rows that are cached, and only the missing ones have failed', async () => {
    let broken = false
    const { open } = upstream(({ path }) => (broken && path.includes('stages') ? refusal(500) : undefined))
    await open().referenceData.stages()
    broken = true
    const failures: string[] = []
    const found = await open().referenceData.fetch('stage', [1, 9], (error) => failures.push(error.code))
    expect([[...found.keys()], failures]).toEqual([[1], ['Unavailable']])
    expect((await failureOf(open().referenceData.stage(9))).name).toBe('Unavailable')
  })

  test('a deleted stage has a name, in the list or by id, but cannot be chosen', async () => {
    const { open, lists } = upstream(({ path }) =>
      path.endsWith('/stages/8') ? data({ id: 8, name: 'Gone', is_deleted: true }) : undefined,
    )
    lists['stages']!.push({ id: 4, pipeline_id: 1, order_nr: 9, is_deleted: true })
    expect([...(await open().referenceData.fetch('stage', [1, 4, 8])).keys()]).toEqual([1, 4, 8])
    expect((await open().referenceData.stages()).map(({ id }) => id)).toEqual([2, 1, 3])
    expect([await open().referenceData.stage(4), await open().referenceData.stage(8)]).toEqual([undefined, undefined])
  })

  test('a list that was just read for this search is not read again', async () => {
    const { open, asked } = upstream()
    expect(await open().referenceData.stage(5)).toBeUndefined()
    expect(asked()).toHaveLength(1)
  })

  test('fresh reads stages and pipelines now; what costs 20 tokens only when it is a minute old', async () => {
    const { open, clock, asked } = upstream()
    const read = async (fresh: boolean) => {
      const { referenceData } = open()
      await referenceData.stages({ fresh })
      await referenceData.pipelines({ fresh })
      await referenceData.users({ fresh })
      await referenceData.activityTypes({ fresh })
      await referenceData.currencies({ fresh })
      return asked().length
    }
    expect([await read(false), await read(false), await read(true)]).toEqual([5, 0, 2])
    clock.advance(minute)
    expect(await read(true)).toBe(5)
  })

  test('the user of the key is cached for 6 h, the options of visible_to for 24 h', async () => {
    const { open, clock, asked } = upstream()
    const ask = async () => [(await open().referenceData.me()).company_id, await open().referenceData.visibleToOptions()]
    expect(await ask()).toEqual([7, [1, 3]])
    clock.advance(6 * hour)
    await ask()
    expect(asked()).toEqual(['GET /api/v1/users/me', 'GET /api/v2/dealFields/visible_to', 'GET /api/v1/users/me'])
    clock.advance(18 * hour)
    await ask()
    expect(asked()).toContain('GET /api/v2/dealFields/visible_to')
  })

  test('a company without a field visible_to offers nothing', async () => {
    const { open } = upstream(({ path }) => (path.endsWith('visible_to') ? refusal(404) : undefined))
    expect(await open().referenceData.visibleToOptions()).toEqual([])
  })
})

describe('accounts are apart', () => {
  test('data loaded by one key serves no other key', async () => {
    const { open } = upstream(({ path, headers }) =>
      path.endsWith('/persons/1') && headers.get('x-api-token') === 'key-b' ? refusal(404) : undefined,
    )
    expect((await open('key-a').referenceData.fetch('person', [1])).size).toBe(1)
    expect((await open('key-b').referenceData.fetch('person', [1])).size).toBe(0)
    const [a, b] = await Promise.all([open('key-a').referenceData.me(), open('key-b').referenceData.me()])
    expect(a).not.toBe(b)
  })

  test('a refused key loses its cached data, also for calls that began before', async () => {
    let refused = false
    const { open, asked } = upstream(() => (refused ? refusal(401) : undefined))
    const early = open()
    await early.referenceData.fetch('person', [1])
    await early.referenceData.stages()
    asked()
    refused = true
    await failureOf(open().pipedrive.deals.get(1))
    refused = false
    await early.referenceData.fetch('person', [1])
    await early.referenceData.stages()
    expect(asked().slice(2)).toEqual(['GET /api/v2/persons/1', 'GET /api/v2/stages?limit=500'])
  })

  test('forget removes the cached data of one key', async () => {
    const { open, client, asked } = upstream()
    for (const key of ['key-a', 'key-b']) await open(key).referenceData.me()
    client.forget(new Secret('key-a'))
    asked()
    for (const key of ['key-a', 'key-b']) await open(key).referenceData.me()
    expect(asked()).toEqual(['GET /api/v1/users/me'])
  })

  test('a load in progress when its key is refused is not cached', async () => {
    let answer: (told: FakeAnswer) => void = () => {}
    const { open, client, asked } = upstream(({ path }) =>
      path.endsWith('/persons/1') ? new Promise<FakeAnswer>((resolve) => (answer = resolve)) : undefined,
    )
    const loading = open().referenceData.fetch('person', [1])
    await new Promise((resolve) => setImmediate(resolve))
    client.forget(new Secret('key-a'))
    answer(data({ id: 1, name: 'persons 1', is_deleted: false }))
    expect((await loading).size).toBe(1)
    asked()
    const again = open().referenceData.fetch('person', [1])
    await new Promise((resolve) => setImmediate(resolve))
    expect(asked()).toHaveLength(1)
    answer(data({ id: 1, name: 'persons 1', is_deleted: false }))
    await again
  })
})

describe('the time of a call', () => {
  const held = () => {
    const waiting: ((told: FakeAnswer) => void)[] = []
    return {
      hold: () => new Promise<FakeAnswer>((resolve) => waiting.push(resolve)),
      release: (told: FakeAnswer) => waiting.splice(0).forEach((resolve) => resolve(told)),
    }
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve))

  test('a call that waits for what another one loads does not wait longer than its own time', async () => {
    const { hold, release } = held()
    const { open, clock } = upstream(({ path }) => (path.endsWith('/me') ? hold() : undefined))
    const leader = open().referenceData.me()
    await turn()
    const error = await failureOf(open('key-a', { deadlineAt: clock.now() }).referenceData.me())
    expect(error.name).toBe('OutOfTime')
    release(data({ id: 1, company_id: 7 }))
    expect((await leader).company_id).toBe(7)
  })

  test('when the time of the one that loads is over, the one that waits loads itself', async () => {
    const { open, clock, asked } = upstream(({ path }) =>
      path.endsWith('/me') && clock.now() < Date.parse('2026-11-22T10:00:30Z') ? refusal(500) : undefined,
    )
    const leader = open('key-a', { deadlineAt: clock.now() + 100 }).referenceData.me()
    const follower = open('key-a', { deadlineAt: clock.now() + 2 * minute }).referenceData.me()
    clock.advance(30 * second)
    expect((await failureOf(leader)).name).toBe('OutOfTime')
    expect((await follower).company_id).toBe(7)
    expect(asked()).toHaveLength(1)
  })

  test('a caller that hangs up does not spoil what others wait for', async () => {
    const caller = new AbortController()
    const { hold, release } = held()
    const { open, asked } = upstream(({ path }) => (path.endsWith('/me') ? hold() : undefined))
    const leader = open('key-a', { signal: caller.signal }).referenceData.me()
    const follower = open().referenceData.me()
    await turn()
    caller.abort()
    release(data({ id: 1, company_id: 7 }))
    expect([(await leader).company_id, (await follower).company_id]).toEqual([7, 7])
    expect(asked()).toHaveLength(1)
  })
})
