import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Kysely, sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import { silentLogger } from '../../kit/logger.ts'
import { onPostgres } from '../engines.fixture.ts'
import { postgresDialect } from './postgres-dialect.ts'

/** Long for a database beside us, short for a test. */
const ANSWER_TIMEOUT_MS = 300
/** More than the pool has connections. */
const MANY = 12

/** A network in front of PostgreSQL that silently drops what a test chooses. */
async function network(target: URL) {
  const sides = new Set<Socket>()
  let losesNew = false
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    const lost = losesNew
    let answers = 0
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sides.add(from)
      from.on('error', () => {}).on('close', () => to.destroy())
      from.on('data', (bytes) => {
        // Past the login, which ends with the third answer.
        if (lost && from === far && answers++ >= 3) return
        if (!silent.has(from)) to.write(bytes)
      })
    }
  }).listen(0, '127.0.0.1')
  const silent = new Set<Socket>()
  await once(server, 'listening')
  const url = new URL(target)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    silence: () => sides.forEach((side) => silent.add(side)),
    loseNew: (yes: boolean) => (losesNew = yes),
    close() {
      server.close()
      for (const side of sides) side.destroy()
    },
  }
}

onPostgres('the pool', (newStore) => {
  const ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })
  async function open() {
    const net = await network(new URL(await newStore.newDatabase()))
    const db = new Kysely<unknown>({ dialect: postgresDialect(net.url, silentLogger, ANSWER_TIMEOUT_MS) })
    ends.push(net.close, () => db.destroy())
    const ask = () => sql<{ one: number }>`select 1 as one`.execute(db).then(({ rows }) => rows[0]!.one)
    return { net, db, ask }
  }

  test('lets go of all connections when their server has fallen silent: the next call gets another one', async () => {
    const { net, ask } = await open()
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1])
    net.silence()
    await expect(ask()).rejects.toThrow('Query read timeout')
    expect(await ask()).toBe(1)
  })

  test('a transaction whose server falls silent ends with the first statement that gets no answer', async () => {
    const { net, db, ask } = await open()
    const met = db.transaction().execute(async (trx) => {
      net.silence()
      await sql`select 1`.execute(trx)
    })
    await expect(met).rejects.toThrow(/no longer answers|Query read timeout/)
    expect(await ask()).toBe(1)
  })

  test('connections that fail at their first statement do not use it up', async () => {
    const { net, ask } = await open()
    net.loseNew(true)
    const asked = await Promise.allSettled(Array.from({ length: MANY }, ask))
    expect(asked.map(({ status }) => status)).toEqual(Array.from({ length: MANY }, () => 'rejected'))
    net.loseNew(false)
    expect(await ask()).toBe(1)
  })
})
