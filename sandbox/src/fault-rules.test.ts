import { describe, expect, test } from 'vitest'
import { eventually } from './eventually.fixture.ts'
import { sandboxClient } from './sandbox-client.fixture.ts'
import { createFaults, type FaultRule, KINDS, readPattern } from './fault-rules.ts'
import type { BrokenConnection } from './request-outcome.ts'
import { createRandom } from './random.ts'
import { createSandbox } from './sandbox.ts'

const CREATE = { method: 'POST', path: '/api/v2/deals' } as const
const faulty = (rule: FaultRule) => {
  const world = sandboxClient()
  world.sandbox.faults.add(rule)
  /** What a POST of a deal comes to. */
  const create = () => world.ask('POST', '/api/v2/deals', { title: 'New' })
  const created = async () => {
    world.sandbox.faults.clear()
    return (await world.data<unknown[]>('GET', '/api/v2/deals?ids=31')).length === 1
  }
  const broken = async () => (await create().catch((error: unknown) => error)) as BrokenConnection
  return { ...world, create, created, broken }
}

describe('which requests a fault happens to', () => {
  const target = (method: string, path: string, key: string | null = 'sandbox-alice') => ({ method, path, key })

  test('in a pattern an id or a star matches one segment, and two stars match any number', () => {
    const fits = (pattern: string, path: string) => readPattern(pattern).test(path)
    expect([fits('/api/v2/deals/:id', '/api/v2/deals/7'), fits('/api/v2/deals/:id', '/api/v2/deals/7/products')]).toEqual([true, false])
    expect([fits('/api/v2/*', '/api/v2/deals'), fits('/api/v2/*', '/api/v2/deals/7')]).toEqual([true, false])
    expect([fits('/api/**', '/api/v2/deals/7'), fits('**/webhooks', '/v1/webhooks'), fits('/api/**', '/v1/webhooks')]).toEqual([
      true,
      true,
      false,
    ])
    expect([fits('/a.b', '/a.b'), fits('/a.b', '/axb')]).toEqual([true, false])
  })

  test('method, path and key must all fit, and the first rule that fits decides', () => {
    const faults = createFaults()
    faults.add({ kind: 'reset', name: 'writes of Alice', method: ['POST', 'PATCH'], path: '/api/v2/**', key: 'sandbox-alice' })
    faults.add({ kind: 'malformed', name: 'the rest' })
    expect(faults.match(target('PATCH', '/api/v2/deals/1'))?.name).toBe('writes of Alice')
    for (const other of [target('GET', '/api/v2/deals'), target('POST', '/v1/notes'), target('POST', '/api/v2/deals', 'sandbox-bob')])
      expect(faults.match(other)?.name).toBe('the rest')
  })

  test('times: so often, then no more; without it until it is removed', () => {
    const faults = createFaults()
    const { id } = faults.add({ kind: 'reset', times: 2 })
    const kinds = () => faults.match(target('GET', '/'))?.rule.kind
    expect([kinds(), kinds(), kinds()]).toEqual(['reset', 'reset', undefined])
    expect(faults.list()).toMatchObject([{ id, hits: 2, left: 0 }])
    const always = faults.add({ kind: 'truncated' })
    for (let call = 0; call < 5; call++) expect(kinds()).toBe('truncated')
    expect([faults.remove(always.id), faults.remove(always.id), kinds()]).toEqual([true, false, undefined])
  })

  test('probability: the same seed makes the same choices, at about the given rate', () => {
    const falls = (seed: number) => {
      const faults = createFaults()
      faults.add({ kind: 'reset', probability: 0.2, seed })
      return Array.from({ length: 1_000 }, () => faults.match(target('GET', '/')) !== undefined)
    }
    expect(falls(7)).toEqual(falls(7))
    expect(falls(7)).not.toEqual(falls(8))
    const hits = falls(7).filter(Boolean).length
    expect(hits).toBeGreaterThan(150)
    expect(hits).toBeLessThan(250)
    const { next } = createRandom(-3)
    for (let roll = 0; roll < 100; roll++) expect(Math.floor(next())).toBe(0)
  })

  test('nothing but the routes of Pipedrive is disturbed', async () => {
    const { sandbox } = faulty({ kind: 'reset' })
    expect((await sandbox.fetch(new Request('http://x.example/_sandbox/faults'))).status).toBe(200)
    expect((await sandbox.fetch(new Request('http://x.example/healthz'))).status).toBe(200)
  })
})

describe('what happens', () => {
  test('status: the gateway answers with JSON, an empty body or a page, and the request is not worked on', async () => {
    const { create, created, sandbox } = faulty({ kind: 'status', status: 500, times: 1 })
    sandbox.faults.add({ kind: 'status', status: 503, body: 'empty', headers: { 'retry-after': '7' }, times: 1 })
    sandbox.faults.add({ kind: 'status', status: 502, body: 'html', times: 1 })
    expect(await create()).toMatchObject({ status: 500, body: { success: false, error: 'Internal Server Error', errorCode: 500 } })
    const empty = await create()
    expect([empty.status, empty.text, empty.headers.get('retry-after')]).toEqual([503, '', '7'])
    const page = await create()
    expect([page.status, page.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8'])
    expect(page.text).toContain('<h1>502 Bad Gateway</h1>')
    expect(await created()).toBe(false)
  })

  test('status after the commit: the request is executed, and the caller gets an error', async () => {
    const { create, created } = faulty({ kind: 'status', status: 502, body: 'html', when: 'after' })
    expect((await create()).status).toBe(502)
    expect(await created()).toBe(true)
  })

  test('rate-limit: a 429 with the headers of a burst, or with chosen ones', async () => {
    const { create, created, sandbox } = faulty({ kind: 'rate-limit', times: 1 })
    sandbox.faults.add({ kind: 'rate-limit', headers: { 'x-daily-ratelimit-token-remaining': '0' } })
    const burst = await create()
    expect([burst.status, burst.headers.get('x-ratelimit-remaining'), burst.headers.get('x-ratelimit-reset')]).toEqual([429, '0', '2'])
    const day = await create()
    expect([day.headers.get('x-ratelimit-remaining'), day.headers.get('x-daily-ratelimit-token-remaining')]).toEqual([null, '0'])
    expect(await created()).toBe(false)
  })

  test('malformed: the work is done, and the JSON does not parse', async () => {
    const { sandbox, created } = faulty({ kind: 'malformed' })
    const headers = { 'x-api-token': 'sandbox-alice', 'content-type': 'application/json' }
    const answer = await sandbox.fetch(new Request('http://x.example/api/v2/deals', { method: 'POST', headers, body: '{"title":"New"}' }))
    expect(answer.status).toBe(200)
    await expect(answer.json()).rejects.toThrow(SyntaxError)
    expect(await created()).toBe(true)
  })

  test('truncated: the answer and the connection end in the middle, or after the given bytes', async () => {
    const { sandbox } = faulty({ kind: 'truncated', bytes: 10 })
    const answer = await sandbox.fetch(new Request('http://x.example/api/v2/deals/1', { headers: { 'x-api-token': 'sandbox-alice' } }))
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(500)
    const reader = answer.body!.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('{"success"')
    await expect(reader.read()).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  test('a truncated create is done', async () => {
    const { broken, created } = faulty({ kind: 'truncated' })
    expect(await broken()).toMatchObject({ code: 'ECONNRESET', committed: true })
    expect(await created()).toBe(true)
  })

  test('reset before the commit: fetch rejects as with a network, and nothing is done', async () => {
    const { broken, created } = faulty({ kind: 'reset' })
    const error = await broken()
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({
      message: 'fetch failed',
      code: 'ECONNRESET',
      committed: false,
      cause: { code: 'ECONNRESET', syscall: 'read' },
    })
    expect(await created()).toBe(false)
  })

  test('reset after the commit: fetch rejects the same way, and everything is done', async () => {
    const { broken, created } = faulty({ kind: 'reset', when: 'after' })
    expect(await broken()).toMatchObject({ code: 'ECONNRESET', committed: true })
    expect(await created()).toBe(true)
  })

  test('reset before a later commit: the connection breaks now, and the record has the id and the time of its commit', async () => {
    const { broken, clock, ask, sandbox } = faulty({ kind: 'reset', when: 'later', seconds: 30, times: 1 })
    expect(await broken()).toMatchObject({ code: 'ECONNRESET', committed: false })
    expect(sandbox.requests()).toMatchObject([{ status: null, tokens: 5, fault: 'reset' }])
    clock.advance(10_000)
    expect((await ask('POST', '/api/v2/deals', { title: 'Meanwhile' })).body).toMatchObject({ data: { id: 31 } })
    clock.advance(19_999)
    expect((await ask('GET', '/api/v2/deals/32')).status).toBe(404)
    clock.advance(50_001)
    expect((await ask('GET', '/api/v2/deals/32')).body).toMatchObject({ data: { title: 'New', add_time: '2026-11-22T10:00:30Z' } })
    expect(sandbox.requests().filter(({ method }) => method === 'POST')).toHaveLength(2)
  })

  test('a later commit uses the state at its time: a deal deleted by then is not changed', async () => {
    const { clock, ask, sandbox } = faulty({ kind: 'reset', when: 'later', seconds: 5, method: ['PATCH', 'DELETE'] })
    await expect(ask('PATCH', '/api/v2/deals/1', { title: 'Too late' })).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect(ask('PATCH', '/api/v2/deals/2', { title: 'In time' })).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect(ask('DELETE', '/api/v2/deals/3')).rejects.toMatchObject({ code: 'ECONNRESET' })
    sandbox.faults.clear()
    await ask('DELETE', '/api/v2/deals/1')
    const deal = async (id: number) => (await ask<{ data: object }>('GET', `/api/v2/deals/${id}`)).body.data
    expect(await deal(3)).toMatchObject({ is_deleted: false })
    clock.advance(5_000)
    expect(await deal(1)).not.toMatchObject({ title: 'Too late' })
    expect(await deal(2)).toMatchObject({ title: 'In time', update_time: '2026-11-22T10:00:05Z' })
    expect(await deal(3)).toMatchObject({ is_deleted: true })
  })

  test('a key that is refused when the request arrives changes nothing later, and a reset forgets what is still to be done', async () => {
    const { clock, ask, ids, sandbox } = faulty({ kind: 'reset', when: 'later', seconds: 5, method: 'POST' })
    await expect(ask('POST', '/api/v2/deals', { title: 'Never' }, 'nobody')).rejects.toMatchObject({ code: 'ECONNRESET' })
    clock.advance(5_000)
    expect(await ids('/api/v2/deals?ids=31')).toEqual([])
    await expect(ask('POST', '/api/v2/deals', { title: 'Never' })).rejects.toMatchObject({ code: 'ECONNRESET' })
    sandbox.reset()
    clock.advance(5_000)
    expect(await ids('/api/v2/deals?ids=31')).toEqual([])
  })

  test('refused: there is no connection', async () => {
    const { broken, created } = faulty({ kind: 'refused' })
    expect(await broken()).toMatchObject({ code: 'ECONNREFUSED', committed: false, cause: { code: 'ECONNREFUSED', syscall: 'connect' } })
    expect(await created()).toBe(false)
  })

  test('silent: the work is done, and the caller waits until it gives up', async () => {
    const { sandbox, created } = faulty({ kind: 'silent' })
    const caller = new AbortController()
    const headers = { 'x-api-token': 'sandbox-alice', 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: '{"title":"New"}', signal: caller.signal }
    const answer = sandbox.fetch(new Request('http://x.example/api/v2/deals', init))
    await eventually(() => expect(sandbox.requests()).toMatchObject([{ status: null, fault: 'silent' }]))
    caller.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
    expect(await created()).toBe(true)
  })

  test('silent before the commit: nothing is done either', async () => {
    const { sandbox, created } = faulty({ kind: 'silent', when: 'before' })
    const init = { method: 'POST', headers: { 'x-api-token': 'sandbox-alice' }, signal: AbortSignal.timeout(20) }
    await expect(sandbox.fetch(new Request('http://x.example/api/v2/deals', init))).rejects.toThrow()
    expect(await created()).toBe(false)
  })

  test('latency: the request is executed at once and answered later; a manual clock advances', async () => {
    const { create, clock } = faulty({ kind: 'latency', delay: '3s' })
    const reply = await create()
    expect(clock.now()).toBe(Date.parse('2026-11-22T10:00:03Z'))
    expect(reply.body).toMatchObject({ data: { add_time: '2026-11-22T10:00:00Z' } })
  })

  test('latency before the commit: the work is done later, too', async () => {
    const { create } = faulty({ kind: 'latency', delay: 3, when: 'before' })
    expect((await create()).body).toMatchObject({ data: { add_time: '2026-11-22T10:00:03Z' } })
  })

  test('who gives up gets its own error at once; what was done stays done, and what was held up before the commit is done when it is due', async () => {
    const sandbox = createSandbox()
    sandbox.clock.freeze()
    const headers = { 'x-api-token': 'sandbox-alice', 'content-type': 'application/json' }
    const create = (signal: AbortSignal) =>
      sandbox.fetch(new Request('http://x.example/api/v2/deals', { method: 'POST', headers, body: '{"title":"New"}', signal }))
    const givenUp = async (when: 'before' | 'after') => {
      sandbox.faults.clear()
      const fault = sandbox.faults.add({ kind: 'latency', delay: '1h', when, ...CREATE })
      const caller = new AbortController()
      const response = create(caller.signal)
      await eventually(() => expect(fault.hits).toBe(1))
      caller.abort()
      await expect(response).rejects.toMatchObject({ name: 'AbortError' })
    }
    const status = async (id: number) => (await sandbox.fetch(new Request(`http://x.example/api/v2/deals/${id}`, { headers }))).status
    await givenUp('after')
    expect(await status(31)).toBe(200)
    await givenUp('before')
    expect(await status(32)).toBe(404)
    await sandbox.clock.advance('1h')
    expect(await status(32)).toBe(200)

    await expect(create(AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
    await expect(status(33)).resolves.toBe(404)
  })

  test('a reset breaks off what is held up before the commit', async () => {
    const sandbox = createSandbox()
    sandbox.clock.freeze()
    const fault = sandbox.faults.add({ kind: 'latency', delay: '1h', when: 'before' })
    const response = sandbox.fetch(new Request('http://x.example/api/v2/deals', { headers: { 'x-api-token': 'sandbox-alice' } }))
    await eventually(() => expect(fault.hits).toBe(1))
    sandbox.reset()
    await expect(response).rejects.toMatchObject({ code: 'ECONNRESET', committed: false })
    expect(sandbox.requests()).toEqual([])
  })

  test('latency obeys the clock: a frozen one holds the answer, moving it lets it go', async () => {
    const sandbox = createSandbox()
    sandbox.clock.freeze()
    sandbox.faults.add({ kind: 'latency', delay: '60s' })
    let answered = false
    const response = sandbox
      .fetch(new Request('http://x.example/api/v2/deals', { headers: { 'x-api-token': 'sandbox-alice' } }))
      .then((answer) => ((answered = true), answer.status))
    await eventually(() => expect(sandbox.requests().length).toBe(1))
    await sandbox.clock.advance('59s')
    expect(answered).toBe(false)
    await sandbox.clock.advance('1s')
    expect(await response).toBe(200)
  })

  test('every other fault may have a delay', async () => {
    const { create, clock } = faulty({ kind: 'status', status: 500, delay: '2s' })
    expect((await create()).status).toBe(500)
    expect(clock.now()).toBe(Date.parse('2026-11-22T10:00:02Z'))
  })

  test('late-commit: the record has its id now and becomes readable after the given seconds', async () => {
    const { create, clock, ask } = faulty({ kind: 'late-commit', seconds: 5, ...CREATE })
    expect((await create()).body).toMatchObject({ data: { id: 31 } })
    expect((await ask('GET', '/api/v2/deals/31')).status).toBe(404)
    clock.advance(5_000)
    expect((await ask('GET', '/api/v2/deals/31')).status).toBe(200)
  })

  test('there is a test above for every kind', () => {
    const named = ['status', 'rate-limit', 'malformed', 'latency', 'refused', 'reset', 'truncated', 'silent', 'late-commit']
    expect(KINDS.toSorted()).toEqual(named.toSorted())
  })
})

test('the log names the fault, and whether the call was charged', async () => {
  const { create, broken, sandbox } = faulty({ kind: 'status', status: 500, name: 'bad day', times: 1 })
  await create()
  sandbox.faults.add({ kind: 'reset', when: 'after' })
  await broken()
  expect(sandbox.requests()).toMatchObject([
    { status: 500, tokens: 0, fault: 'bad day' },
    { status: null, tokens: 5, fault: 'reset' },
  ])
})

describe('an invalid rule is refused with the reason', () => {
  test.each([
    [undefined, 'Invalid input'],
    [{}, `kind: one of ${KINDS.join(', ')}`],
    [{ kind: 'explosion' }, 'kind: one of status, rate-limit'],
    [{ kind: 'status' }, 'status: '],
    [{ kind: 'status', status: 200 }, 'status: '],
    [{ kind: 'reset', times: 0 }, 'times: '],
    [{ kind: 'reset', when: 'later' }, 'seconds: the delay of the execution'],
    [{ kind: 'reset', when: 'after', seconds: 5 }, 'seconds: the delay of the execution'],
    [{ kind: 'reset', probability: 1.5 }, 'probability: '],
    [{ kind: 'reset', path: 'deals' }, 'path: a path such as /api/v2/deals/:id'],
    [{ kind: 'reset', methode: 'POST' }, 'methode'],
    [{ kind: 'reset', method: 'post' }, 'method: '],
    [{ kind: 'latency' }, 'delay: a time of at most an hour'],
    [{ kind: 'latency', delay: 'soon' }, 'delay: a time of at most an hour'],
    [{ kind: 'latency', delay: '2h' }, 'delay: a time of at most an hour'],
  ])('%j', (rule, text) => {
    expect(() => createFaults().add(rule as FaultRule)).toThrow(text)
  })
})
