import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { missingRingKeys } from '../../src/connections/missing-ring-keys.ts'
import { openApiKey, sealApiKey } from '../../src/connections/sealed-keys.ts'
import { loadKeyRing, parseKeyRing, type KeyRing } from '../../src/kit/key-ring.ts'
import { onEveryEngine, onPostgres } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, ALICE, BOB, createConnectionsFixture, ringKey, type ConnectionsFixture } from './connections-fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'dealbridge-rotation-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
const folder = () => join(root, String(++folders))
const openRing = (dataDir: string) => loadKeyRing({ env: undefined, dataDir })

onEveryEngine('a rotation of the key file', (newStore) => {
  let store: Store
  beforeAll(async () => {
    store = await newStore()
  })
  afterAll(() => store.close())

  test('makes a new key, seals everything with it, and calls go on in every process', async () => {
    const dataDir = folder()
    const [ring, otherRing] = [await openRing(dataDir), await openRing(dataDir)]
    const fixture = createConnectionsFixture(store, { ring })
    const other = createConnectionsFixture(store, { shared: fixture, ring: otherRing })
    const { key, id } = await fixture.connect(admin, 'Sales')
    const before = ring.signingId
    await other.call(key)
    const rotation = await fixture.registry.rotate(admin)
    expect(rotation).toEqual({ keyId: ring.signingId, resealed: 1, unreadable: [], olderKeyIds: [before] })
    expect(rotation.keyId).not.toBe(before)
    expect((await other.call(key)).key.reveal()).toBe(ALICE.reveal())
    const again = await other.registry.rotate(admin)
    expect(again).toMatchObject({ resealed: 1, olderKeyIds: [rotation.keyId, before] })
    await fixture.call(key)
    // The first process has noticed: what it seals from now on does not keep an older key in use.
    await fixture.registry.changeConnection(admin, id, { apiKey: ALICE })
    const row = await store.db.selectFrom('connections').select('sealed_key').where('id', '=', id).executeTakeFirstOrThrow()
    expect(row.sealed_key).toContain(`.${again.keyId}.`)
    const [entry] = await fixture.registry
      .listAudit(admin, { limit: 2 })
      .then((log) => log.filter(({ action }) => action === 'ring.rotate'))
    expect(entry).toMatchObject({ subject: again.keyId, details: { before: rotation.keyId } })
    await Promise.all([fixture.connections.close(), other.connections.close()])
  })

  test('does not bring back an API key that was exchanged meanwhile', async () => {
    const ring = await openRing(folder())
    const { id } = await createConnectionsFixture(store, { ring }).registry.addConnection(admin, { name: 'Busy', apiKey: ALICE })
    const exchanged = sealApiKey(ring, id, BOB)
    let exchanging: Promise<unknown> | undefined
    /** In the moment between reading the row and writing it. */
    const busy = Object.assign(Object.create(ring) as KeyRing, {
      open: (...args: Parameters<KeyRing['open']>) => {
        const text = ring.open(...args)
        exchanging = store.db.updateTable('connections').set({ sealed_key: exchanged }).where('id', '=', id).execute()
        return text
      },
    })
    await store.db.deleteFrom('connections').where('id', '<>', id).execute()
    await createConnectionsFixture(store, { ring: busy }).registry.rotate(admin)
    await exchanging
    const row = await store.db.selectFrom('connections').select('sealed_key').where('id', '=', id).executeTakeFirstOrThrow()
    expect(row.sealed_key).toBe(exchanged)
  })
})

onEveryEngine('a rotation to the first key of the ring', (newStore) => {
  let store: Store
  let fixture: ConnectionsFixture
  beforeAll(async () => {
    store = await newStore()
    fixture = createConnectionsFixture(store)
  })
  afterAll(() => store.close())

  test('seals every row, in as many batches as it takes, and may be repeated', async () => {
    const { id, key } = await fixture.connect(admin, 'Sales')
    const row = await store.db.selectFrom('connections').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    // 230 connections cost 460 tokens; these are copies, each sealed for its own row.
    const ids = Array.from({ length: 230 }, (_, n) => n.toString(16).padStart(32, '0'))
    for (const copy of ids)
      await store.db
        .insertInto('connections')
        .values({ ...row, id: copy, name: copy, sealed_key: sealApiKey(fixture.ring, copy, ALICE) })
        .execute()
    const rotated = createConnectionsFixture(store, {
      shared: fixture,
      ring: parseKeyRing(`${ringKey('second', 2)},${ringKey('first', 1)}`),
    })
    const all = await store.db.selectFrom('connections').select('id').execute()
    const rotation = await rotated.registry.rotate(admin)
    expect(rotation).toEqual({ keyId: 'second', resealed: all.length, unreadable: [], olderKeyIds: ['first'] })
    expect(await rotated.registry.rotate(admin)).toMatchObject({ resealed: 0 })
    const sealed = await store.db.selectFrom('connections').select('sealed_key').execute()
    expect(sealed.filter(({ sealed_key }) => !sealed_key.startsWith('v1.second.'))).toEqual([])
    // The old key can now be removed.
    const without = createConnectionsFixture(store, { shared: fixture, ring: parseKeyRing(ringKey('second', 2)) })
    expect((await without.call(key)).key.reveal()).toBe(ALICE.reveal())
    expect(await without.registry.testConnection(admin, ids[229]!)).toMatchObject({ state: 'ok' })
    await expect(fixture.call(key)).rejects.toMatchObject({ status: 503, code: 'SealKeyUnknown' })
    expect(await missingRingKeys(store, without.ring)).toEqual([])
    expect(await missingRingKeys(store, fixture.ring)).toEqual([{ keyId: 'second', connections: all.length }])
    await createConnectionsFixture(store, {
      shared: fixture,
      ring: parseKeyRing(`${ringKey('first', 1)},${ringKey('second', 2)}`),
    }).registry.rotate(admin)
  })

  test('reports the rows that it cannot open, and seals the others', async () => {
    const [lost, good] = [await fixture.connect(admin, 'Lost'), await fixture.connect(admin, 'Good', BOB)]
    const stranger = await store.db.selectFrom('connections').select('sealed_key').where('id', '=', good.id).executeTakeFirstOrThrow()
    await store.db.updateTable('connections').set(stranger).where('id', '=', lost.id).execute()
    await expect(fixture.call(lost.key)).rejects.toMatchObject({ status: 500, code: 'SealBroken' })
    const rotated = createConnectionsFixture(store, {
      shared: fixture,
      ring: parseKeyRing(`${ringKey('third', 3)},${ringKey('first', 1)}`),
    })
    expect(await rotated.registry.rotate(admin)).toMatchObject({ unreadable: [lost.id] })
    expect((await rotated.call(good.key)).key.reveal()).toBe(BOB.reveal())
    // The next step that the error names.
    await rotated.registry.changeConnection(admin, lost.id, { apiKey: ALICE })
    expect((await rotated.call(lost.key)).key.reveal()).toBe(ALICE.reveal())
  })
})

onPostgres('rotations of several processes', (newStore) => {
  test('at once lose no key, and every row opens afterwards', async () => {
    const store = await newStore()
    const dataDir = folder()
    const fixture = createConnectionsFixture(store, { ring: await openRing(dataDir) })
    const { key } = await fixture.connect(admin, 'Sales')
    const stores = await Promise.all([1, 2, 3].map(() => newStore.again(store)))
    const fixtures = await Promise.all(
      stores.map(async (one) => createConnectionsFixture(one, { shared: fixture, ring: await openRing(dataDir) })),
    )
    await Promise.all(fixtures.map(({ registry }) => registry.rotate(admin)))
    expect((await openRing(dataDir)).ids).toHaveLength(4)
    for (const one of [fixture, ...fixtures]) await one.call(key)
    const last = await fixture.registry.rotate(admin)
    expect(last.unreadable).toEqual([])
    const fresh = createConnectionsFixture(store, { shared: fixture, ring: await openRing(dataDir) })
    await fresh.call(key)
    await Promise.all([fixture, fresh, ...fixtures].map(({ connections }) => connections.close()))
    await Promise.all([store, ...stores].map((one) => one.close()))
  })

  test('that are killed at any moment leave every row readable, and the next one does the rest', async () => {
    const store = await newStore()
    const dataDir = folder()
    const ring = await openRing(dataDir)
    const fixture = createConnectionsFixture(store, { ring })
    const { id } = await fixture.registry.addConnection(admin, { name: 'Sales', apiKey: ALICE })
    const row = await store.db.selectFrom('connections').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    const copies = Array.from({ length: 900 }, (_, n) => {
      const copy = n.toString(16).padStart(32, '0')
      return { ...row, id: copy, name: copy, sealed_key: sealApiKey(ring, copy, ALICE) }
    })
    await store.db.insertInto('connections').values(copies).execute()
    const src = join(import.meta.dirname, '../../src')
    const script = join(root, 'rotate.mjs')
    writeFileSync(
      script,
      `import { rotate } from ${JSON.stringify(join(src, 'connections/rotate.ts'))}
       import { systemClock } from ${JSON.stringify(join(src, 'kit/clock.ts'))}
       import { loadKeyRing } from ${JSON.stringify(join(src, 'kit/key-ring.ts'))}
       import { silentLogger as logger } from ${JSON.stringify(join(src, 'kit/logger.ts'))}
       import { openStore } from ${JSON.stringify(join(src, 'store/open-store.ts'))}
       const store = await openStore({ place: { kind: 'postgres', url: process.argv[2] }, logger })
       const ring = await loadKeyRing({ env: undefined, dataDir: process.argv[3], create: false })
       console.log('ready')
       const parts = { store, ring, logger, clock: systemClock, checkCompany: () => undefined }
       for (;;) await rotate(parts, { id: 'admin', name: 'admin', admin: true })`,
    )
    for (const delayMs of [0, 15, 40, 90]) {
      const child = spawn(process.execPath, [script, newStore.urlOf(store), dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
      const begun = await Promise.race([once(child.stdout, 'data').then(() => true), once(child, 'close').then(() => false)])
      expect(begun).toBe(true)
      const closed = once(child, 'close')
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      child.kill('SIGKILL')
      await closed
      const after = await openRing(dataDir)
      const rows = await store.db.selectFrom('connections').select(['id', 'sealed_key']).execute()
      for (const { id: one, sealed_key: sealed } of rows) expect(openApiKey(after, one, sealed).reveal()).toBe(ALICE.reveal())
    }
    const rotation = await fixture.registry.rotate(admin)
    expect(rotation).toMatchObject({ unreadable: [], resealed: 901 })
    expect(readFileSync(join(dataDir, 'keys'), 'utf8')).toMatch(new RegExp(`^${rotation.keyId}:`))
    const left = await store.db.selectFrom('connections').select('id').where('sealed_key', 'not like', `v1.${rotation.keyId}.%`).execute()
    expect(left).toEqual([])
    await fixture.connections.close()
    await store.close()
  })
})
