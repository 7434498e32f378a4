import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedLimit } from '../../src/connections/call-limit.ts'
import { manualClock } from '../../src/kit/clock.ts'
import { RateLimitExceeded } from '../../src/kit/errors/rate-limit-exceeded.ts'
import { createLogger } from '../../src/kit/logger.ts'
import { onEveryEngine, onPostgres } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'

const logger = createLogger('silent')
const folder = mkdtempSync(join(tmpdir(), 'dealbridge-limit-'))
afterAll(() => rmSync(folder, { recursive: true }))

onPostgres('the limit over all processes', (newStore) => {
  let store: Store
  let url: string
  let names = 0
  beforeAll(async () => {
    store = await newStore()
    url = newStore.urlOf(store)
  })
  afterAll(() => store.close())
  const newName = () => `connection:${++names}`
  const limitOf = (limit: number, { of = store, clock = manualClock() } = {}) =>
    sharedLimit({ store: of, logger, clock, limit, seconds: 60 })
  const passed = (takes: Promise<unknown>[]) =>
    Promise.allSettled(takes).then((all) => all.filter(({ status }) => status === 'fulfilled').length)
  const over = (name: string) =>
    store.db
      .updateTable('call_windows')
      .set({ ends_at: new Date(store.clock.now()) })
      .where('name', '=', name)
      .execute()

  test('lets exactly 100 of 300 calls of one connection pass, made by three processes at once', async () => {
    const script = join(folder, 'hundred-calls.mjs')
    const src = join(import.meta.dirname, '../../src')
    writeFileSync(
      script,
      `import { createConnections } from ${JSON.stringify(join(src, 'connections/connections.ts'))}
       import { systemClock } from ${JSON.stringify(join(src, 'kit/clock.ts'))}
       import { silentLogger } from ${JSON.stringify(join(src, 'kit/logger.ts'))}
       import { Secret } from ${JSON.stringify(join(src, 'kit/secret.ts'))}
       import { openStore } from ${JSON.stringify(join(src, 'store/open-store.ts'))}
       const store = await openStore({ place: { kind: 'postgres', url: process.argv[2] }, logger: silentLogger })
       const connections = createConnections({ clock: systemClock, upstream: 'https://pipedrive.test', store })
       const acting = await connections.resolve({ key: new Secret('one key') }, '203.0.113.1')
       console.log('ready')
       await new Promise((go) => process.stdin.once('data', go))
       const all = await Promise.allSettled(Array.from({ length: 100 }, () => connections.count(acting)))
       const codes = all.map((one) => (one.status === 'fulfilled' ? 'passed' : one.reason.code))
       console.log(JSON.stringify(codes))
       await connections.close()
       await store.close()
       process.exit()`,
    )
    const processes = [1, 2, 3].map(() => spawn(process.execPath, [script, url], { stdio: ['pipe', 'pipe', 'inherit'] }))
    const outputs = processes.map((child) => {
      let text = ''
      let ready = () => undefined as void
      const isReady = new Promise<void>((resolve) => (ready = resolve))
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.includes('ready')) ready()
      })
      const ended = new Promise<string[]>((resolve, reject) => {
        child.on('error', reject).on('close', () => resolve(JSON.parse(text.split('\n')[1] ?? '[]') as string[]))
      })
      return { isReady, ended }
    })
    // One that fails at its start is found by the count.
    await Promise.all(outputs.map(({ isReady, ended }) => Promise.race([isReady, ended])))
    for (const child of processes) child.stdin.on('error', () => {}).write('go\n')
    const codes = (await Promise.all(outputs.map(({ ended }) => ended))).flat()
    expect(codes).toHaveLength(300)
    expect(codes.filter((code) => code === 'passed')).toHaveLength(100)
    expect(codes.filter((code) => code === 'RateLimitExceeded')).toHaveLength(200)
  })

  test('tells how long to wait, at most a minute', async () => {
    const [limit, name] = [limitOf(1), newName()]
    await limit.consume(name)
    const error: unknown = await limit.consume(name).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RateLimitExceeded)
    const { retryAfterSeconds } = error as RateLimitExceeded
    expect([retryAfterSeconds! > 0, retryAfterSeconds! <= 60]).toEqual([true, true])
    await limit.consume(newName())
  })

  test('takes a call back once, and only from its own window', async () => {
    const [limit, name] = [limitOf(2), newName()]
    const first = await limit.consume(name)
    await limit.consume(name)
    await first.refund()
    await first.refund()
    expect(await passed([limit.consume(name), limit.consume(name)])).toBe(1)
    const late = await limitOf(3).consume(name)
    await over(name)
    expect(await passed([limit.consume(name), limit.consume(name)])).toBe(2)
    await late.refund()
    expect(await passed([limit.consume(name)])).toBe(0)
  })

  test('opens no window for a call that did not happen', async () => {
    const [limit, name] = [limitOf(1), newName()]
    const call = await limit.consume(name)
    const before = await store.db.selectFrom('call_windows').select('ends_at').where('name', '=', name).executeTakeFirstOrThrow()
    await call.refund()
    await limit.consume(name)
    const after = await store.db.selectFrom('call_windows').selectAll().where('name', '=', name).executeTakeFirstOrThrow()
    expect([after.ends_at > before.ends_at, after.events]).toEqual([true, 1])
  })

  test('opens the next window with the first call after the end of the last one', async () => {
    const [limit, name] = [limitOf(1), newName()]
    await limit.consume(name)
    expect(await passed([limit.consume(name)])).toBe(0)
    await over(name)
    expect(await passed([limit.consume(name), limit.consume(name)])).toBe(1)
  })

  test('is the limit of each process while the database does not answer', async () => {
    const broken = await newStore.again(store)
    await broken.close()
    const [limit, name] = [limitOf(2, { of: broken }), newName()]
    expect(await passed([limit.consume(name)])).toBe(1)
    expect(await passed([limit.consume(name), limit.consume(name)])).toBe(1)
  })

  test('waits for a database that is stuck no longer than two seconds, and counts there again ten seconds later', async () => {
    const clock = manualClock()
    const [limit, name] = [limitOf(2, { clock }), newName()]
    await limit.consume(name)
    const { promise: unlocked, resolve: unlock } = Promise.withResolvers<void>()
    const { promise: locked, resolve: isLocked } = Promise.withResolvers<void>()
    const locking = store.transaction(async (trx) => {
      await sql`lock table call_windows in access exclusive mode`.execute(trx)
      isLocked()
      await unlocked
    })
    await locked
    expect(await passed([limit.consume(name), limit.consume(name), limit.consume(name)])).toBe(2)
    expect(await passed([limit.consume(name)])).toBe(0)
    unlock()
    await locking
    const later = newName()
    await limit.consume(later)
    const counted = () => store.db.selectFrom('call_windows').select('name').where('name', '=', later).execute()
    expect(await counted()).toEqual([])
    clock.advance(10_000)
    await limit.consume(later)
    expect(await counted()).toHaveLength(1)
  })
})

onEveryEngine('the limit that is counted in a store', (newStore) => {
  let store: Store
  beforeAll(async () => {
    store = await newStore()
  })
  afterAll(() => store.close())
  const newLimit = () => sharedLimit({ store, logger, clock: manualClock(), limit: 2, seconds: 60 })

  test('lets as many calls of a name pass as it says, says when the next one may, and takes a call back once', async () => {
    const limit = newLimit()
    const [first] = [await limit.consume('a'), await limit.consume('a')]
    await expect(limit.consume('a')).rejects.toBeInstanceOf(RateLimitExceeded)
    await expect(limit.consume('a')).rejects.toMatchObject({ retryAfterSeconds: 60 })
    await limit.consume('b')
    await first.refund()
    await first.refund()
    await limit.consume('a')
    await expect(limit.consume('a')).rejects.toBeInstanceOf(RateLimitExceeded)
    // Its window is over: another one begins.
    await store.db
      .updateTable('call_windows')
      .set({ ends_at: new Date(store.clock.now()) })
      .where('name', '=', 'a')
      .execute()
    await limit.consume('a')
  })
})
