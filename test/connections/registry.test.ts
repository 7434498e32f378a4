import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLogger } from '../../src/kit/logger.ts'
import { Secret } from '../../src/kit/secret.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { createRegistry } from '../../src/connections/create-registry.ts'
import type { Owner } from '../../src/connections/registry.ts'
import { ADDRESS, admin, ADMIN_TOKEN, ALICE, BOB, CAROL, createConnectionsFixture, type ConnectionsFixture } from './connections-fixture.ts'

/** A table that contains one of these has a leak. */
const SECRETS = [ALICE, BOB, CAROL].map((key) => key.reveal())

onEveryEngine('the registry of connections', (newStore) => {
  let store: Store
  let fixture: ConnectionsFixture
  let others = 0
  const newOwner = async (): Promise<Owner> => {
    const { id, name } = await fixture.registry.addOwner(admin, { name: `owner ${++others}` })
    return { id, name, admin: false }
  }
  const wholeStore = async () =>
    JSON.stringify(
      await Promise.all(
        (['owners', 'connections', 'connection_keys', 'audit'] as const).map((table) => store.db.selectFrom(table).selectAll().execute()),
      ),
    )
  beforeAll(async () => {
    store = await newStore()
    fixture = createConnectionsFixture(store)
  })
  afterAll(() => store.close())

  describe('connections', () => {
    test('are tested when they are added, and show whom they act as', async () => {
      const owner = await newOwner()
      const asked = fixture.sandbox.requests().length
      const view = await fixture.registry.addConnection(owner, { name: '  Sales ', apiKey: ALICE })
      expect(view).toMatchObject({ name: 'Sales', state: 'ok', reason: null, lastUsedAt: null })
      expect(view.id).toMatch(/^[0-9a-f]{32}$/)
      expect([view.user.name, view.user.email, view.company.name].every((text) => text.length > 0)).toBe(true)
      expect(view.createdAt).toBe(new Date(fixture.clock.now()).toISOString())
      expect(
        fixture.sandbox
          .requests()
          .slice(asked)
          .map(({ path, tokens }) => [path, tokens]),
      ).toEqual([['/api/v1/users/me', 2]])
      expect(await fixture.registry.listConnections(owner)).toEqual([view])
      expect(await fixture.registry.getConnection(owner, view.id)).toEqual(view)
    })

    test('with a key that Pipedrive refuses are a fault of the field apiKey, and not kept', async () => {
      const owner = await newOwner()
      const asked = fixture.sandbox.requests().length
      for (const wrong of ['', 'dbk_of-this-server', 'dbo_of-an-owner', 'dba_of-the-admin', `"dbo_${'x'.repeat(43)}"`, 'wrong']) {
        expect(fixture.sandbox.requests().length).toBe(asked)
        const adding = fixture.registry.addConnection(owner, { name: 'Sales', apiKey: new Secret(wrong) })
        await expect(adding).rejects.toMatchObject({ status: 400, code: 'InvalidInput', details: [{ field: 'apiKey' }] })
      }
      expect(await fixture.registry.listConnections(owner)).toEqual([])
    })

    test('that cannot be tested are not kept', async () => {
      const owner = await newOwner()
      const { id } = fixture.sandbox.faults.add({ kind: 'refused' })
      await expect(fixture.registry.addConnection(owner, { name: 'Sales', apiKey: ALICE })).rejects.toMatchObject({ code: 'Unavailable' })
      fixture.sandbox.faults.remove(id)
      expect(await fixture.registry.listConnections(owner)).toEqual([])
    })

    test('of a company that this server does not serve are not kept', async () => {
      const owner = await newOwner()
      const strict = createConnectionsFixture(store, { shared: fixture, allowCompanies: [999] })
      await expect(strict.registry.addConnection(owner, { name: 'Sales', apiKey: ALICE })).rejects.toMatchObject({
        code: 'CompanyNotAllowed',
      })
      expect(await fixture.registry.listConnections(owner)).toEqual([])
      const { id } = await fixture.registry.addConnection(owner, { name: 'Sales', apiKey: ALICE })
      await expect(strict.registry.changeConnection(owner, id, { apiKey: BOB })).rejects.toMatchObject({ code: 'CompanyNotAllowed' })
    })

    test('have names of their own, but another owner may use the same; a taken name costs no tokens', async () => {
      const [owner, another] = [await newOwner(), await newOwner()]
      await fixture.registry.addConnection(owner, { name: 'Sales', apiKey: ALICE })
      const asked = fixture.sandbox.requests().length
      const again = fixture.registry.addConnection(owner, { name: 'Sales', apiKey: BOB })
      await expect(again).rejects.toMatchObject({ status: 409, code: 'NameTaken' })
      expect(fixture.sandbox.requests().length).toBe(asked)
      await fixture.registry.addConnection(another, { name: 'Sales', apiKey: BOB })
    })

    test('two that are added under one name at once are one and a fault', async () => {
      const owner = await newOwner()
      const added = await Promise.allSettled([1, 2, 3].map(() => fixture.registry.addConnection(owner, { name: 'Same', apiKey: ALICE })))
      expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const one of added) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'NameTaken' })
    })

    test.each(['', ' ', 'x'.repeat(81), 'a\nb', 'a\0b', '\ud800'])('take no name like %j', async (name) => {
      await expect(fixture.registry.addConnection(admin, { name, apiKey: ALICE })).rejects.toMatchObject({
        code: 'InvalidInput',
        details: [{ field: 'name' }],
      })
    })

    test('take no name that is a key pasted into the wrong field', async () => {
      const owner = await newOwner()
      const { id, key } = await fixture.connect(owner, 'Sales')
      const notName = { code: 'InvalidInput', details: [{ field: 'name' }] }
      await expect(fixture.registry.addConnection(owner, { name: BOB.reveal(), apiKey: BOB })).rejects.toMatchObject(notName)
      await expect(fixture.registry.addKey(owner, { connectionId: id, name: `it is ${key.reveal()}` })).rejects.toMatchObject(notName)
      await expect(fixture.registry.changeConnection(owner, id, { name: BOB.reveal(), apiKey: BOB })).rejects.toMatchObject(notName)
      await fixture.registry.changeConnection(owner, id, { name: 'dbo_customers to Sales' })
    })

    /** A registry beside which something else happens while it asks Pipedrive, once. */
    const registryDuring = (meanwhile: () => Promise<unknown>) => {
      let todo: typeof meanwhile | undefined = meanwhile
      const client: typeof fixture.client = {
        ...fixture.client,
        open(key, options) {
          const opened = fixture.client.open(key, options)
          const { pipedrive } = opened
          const me = async () => {
            const now = todo
            todo = undefined
            try {
              return await pipedrive.users.me()
            } finally {
              await now?.()
            }
          }
          return { ...opened, pipedrive: { ...pipedrive, users: { ...pipedrive.users, me } } }
        },
      }
      return createRegistry({ ...fixture, store, client, logger: silentLogger, adminToken: undefined })
    }

    test('that get a new key while the old one is tested are not called ill for the old one', async () => {
      const owner = await newOwner()
      const { id } = await fixture.registry.addConnection(owner, { name: 'Sales', apiKey: ALICE })
      fixture.refuseAll(401, 1)
      const during = registryDuring(() => fixture.registry.changeConnection(owner, id, { apiKey: BOB }))
      expect(await during.testConnection(owner, id)).toMatchObject({ state: 'ok', user: { name: 'Bob Becker' } })
      expect(await fixture.registry.getConnection(owner, id)).toMatchObject({ state: 'ok', reason: null })
    })

    test('that are removed while they are tested are not there', async () => {
      const owner = await newOwner()
      const { id } = await fixture.registry.addConnection(owner, { name: 'Sales', apiKey: ALICE })
      const during = registryDuring(() => fixture.registry.removeConnection(owner, id))
      await expect(during.testConnection(owner, id)).rejects.toMatchObject({ code: 'NotFoundHere' })
    })

    test('that are renamed while they get a new key keep their new name', async () => {
      const owner = await newOwner()
      const { id } = await fixture.registry.addConnection(owner, { name: 'Sales', apiKey: ALICE })
      const during = registryDuring(() => fixture.registry.changeConnection(owner, id, { name: 'Selling' }))
      expect(await during.changeConnection(owner, id, { apiKey: BOB })).toMatchObject({ name: 'Selling', user: { name: 'Bob Becker' } })
    })

    test('take a new key of the same company only', async () => {
      const owner = await newOwner()
      const { id } = await fixture.registry.addConnection(owner, { name: 'Sales', apiKey: ALICE })
      const before = await fixture.registry.getConnection(owner, id)
      await expect(fixture.registry.changeConnection(owner, id, { apiKey: CAROL })).rejects.toMatchObject({
        status: 409,
        code: 'OtherCompany',
      })
      await expect(fixture.registry.changeConnection(owner, id, { apiKey: new Secret('wrong') })).rejects.toMatchObject({
        code: 'InvalidInput',
      })
      await expect(fixture.registry.changeConnection(owner, id, {})).rejects.toMatchObject({ code: 'InvalidInput' })
      expect(await fixture.registry.getConnection(owner, id)).toEqual(before)
      const after = await fixture.registry.changeConnection(owner, id, { apiKey: BOB, name: 'Selling' })
      expect(after).toMatchObject({ name: 'Selling', company: before.company })
      expect(after.user.id).not.toBe(before.user.id)
    })

    test('say when Pipedrive refuses their key, and are well again after a test or a new key', async () => {
      const owner = await newOwner()
      const { id } = await fixture.registry.addConnection(owner, { name: 'Sales', apiKey: ALICE })
      fixture.refuseAll(401, 1)
      expect(await fixture.registry.testConnection(owner, id)).toMatchObject({ state: 'ok' })
      fixture.refuseAll(401, 2)
      const ill = await fixture.registry.testConnection(owner, id)
      expect(ill).toMatchObject({ state: 'needs_attention', reason: expect.stringMatching(/refuses the API key/) as string })
      expect(await fixture.registry.testConnection(owner, id)).toMatchObject({ state: 'ok', reason: null })
      fixture.refuseAll(402, 1)
      expect(await fixture.registry.testConnection(owner, id)).toMatchObject({
        state: 'needs_attention',
        reason: expect.stringMatching(/Billing/) as string,
      })
      expect(await fixture.registry.changeConnection(owner, id, { apiKey: BOB })).toMatchObject({ state: 'ok', reason: null })
    })

    test('are not called ill because Pipedrive could not be asked', async () => {
      const owner = await newOwner()
      const { id } = await fixture.registry.addConnection(owner, { name: 'Sales', apiKey: ALICE })
      const fault = fixture.sandbox.faults.add({ kind: 'refused' })
      await expect(fixture.registry.testConnection(owner, id)).rejects.toMatchObject({ code: 'Unavailable' })
      fixture.sandbox.faults.remove(fault.id)
      expect(await fixture.registry.getConnection(owner, id)).toMatchObject({ state: 'ok' })
    })
  })

  test("what is another owner's is not there: not for the admin either", async () => {
    const owner = await newOwner()
    const { id, keyId } = await fixture.connect(owner, 'Sales')
    const { registry } = fixture
    for (const other of [await newOwner(), admin]) {
      const tries = [
        () => registry.getConnection(other, id),
        () => registry.changeConnection(other, id, { name: 'Mine' }),
        () => registry.changeConnection(other, id, { apiKey: BOB }),
        () => registry.testConnection(other, id),
        () => registry.removeConnection(other, id),
        () => registry.listKeys(other, id),
        () => registry.addKey(other, { connectionId: id, name: 'mine' }),
        () => registry.removeKey(other, keyId),
      ]
      for (const one of tries) await expect(one()).rejects.toMatchObject({ status: 404, code: 'NotFoundHere' })
      expect((await registry.listConnections(other)).filter((view) => view.id === id)).toEqual([])
      expect((await registry.listKeys(other)).filter((view) => view.id === keyId)).toEqual([])
    }
    expect(await registry.listKeys(owner)).toHaveLength(1)
    expect(await registry.getConnection(owner, id)).toMatchObject({ name: 'Sales' })
  })

  test('a connection key is shown once, and kept as a hash with its last four characters', async () => {
    const owner = await newOwner()
    const { id: connectionId } = await fixture.registry.addConnection(owner, { name: 'Sales', apiKey: ALICE })
    const { key, ...view } = await fixture.registry.addKey(owner, { connectionId, name: 'flows' })
    expect(key).toMatch(/^dbk_[\w-]{43}$/)
    expect(view).toMatchObject({ connectionId, name: 'flows', hint: key.slice(-4), lastUsedAt: null })
    const second = await fixture.registry.addKey(owner, { connectionId, name: 'flows' })
    expect(await fixture.registry.listKeys(owner, connectionId)).toHaveLength(2)
    await fixture.registry.removeKey(owner, second.id)
    expect(await fixture.registry.listKeys(owner)).toEqual([view])
    expect(await wholeStore()).not.toContain(key)
  })

  describe('owners', () => {
    test('are made by the admin alone, and come in with a token that is shown once', async () => {
      const { registry } = fixture
      const { id, name, token } = await registry.addOwner(admin, { name: 'Marketing' })
      expect(token).toMatch(/^dbo_[\w-]{43}$/)
      const owner = await registry.authenticate(new Secret(token), ADDRESS)
      expect(owner).toEqual({ id, name, admin: false })
      expect(await registry.authenticate(new Secret(ADMIN_TOKEN), ADDRESS)).toEqual(admin)
      await expect(registry.addOwner(admin, { name: 'Marketing' })).rejects.toMatchObject({ code: 'NameTaken' })
      const tries = [
        () => registry.listOwners(owner),
        () => registry.addOwner(owner, { name: 'Friend' }),
        () => registry.renewOwnerToken(owner, id),
        () => registry.removeOwner(owner, id),
        () => registry.rotate(owner),
      ]
      for (const one of tries) await expect(one()).rejects.toMatchObject({ status: 403, code: 'AdminOnly' })
      expect(await wholeStore()).not.toContain(token)
    })

    test('with a new token cannot come in with the old one', async () => {
      const { registry } = fixture
      const { id, token } = await registry.addOwner(admin, { name: 'Support' })
      const renewed = await registry.renewOwnerToken(admin, id)
      await expect(registry.authenticate(new Secret(token), ADDRESS)).rejects.toMatchObject({ status: 401, code: 'TokenRefused' })
      expect(await registry.authenticate(new Secret(renewed.token), ADDRESS)).toMatchObject({ id })
    })

    test('take their connections and keys with them', async () => {
      const { registry } = fixture
      const { id, token } = await registry.addOwner(admin, { name: 'Leaving' })
      const { key } = await fixture.connect({ id, name: 'Leaving', admin: false }, 'Sales')
      expect((await registry.listOwners(admin)).find((owner) => owner.id === id)).toMatchObject({ name: 'Leaving', connections: 1 })
      await fixture.call(key)
      await registry.removeOwner(admin, id)
      await expect(fixture.call(key)).rejects.toMatchObject({ code: 'ConnectionKeyRefused' })
      await expect(registry.authenticate(new Secret(token), ADDRESS)).rejects.toMatchObject({ code: 'TokenRefused' })
      await expect(registry.removeOwner(admin, id)).rejects.toMatchObject({ code: 'NotFoundHere' })
      for (const change of [() => registry.removeOwner(admin, 'admin'), () => registry.renewOwnerToken(admin, 'admin')])
        await expect(change()).rejects.toMatchObject({ code: 'InvalidInput' })
    })

    test('that are guessed are slowed down by address, while a good token passes', async () => {
      const { registry } = createConnectionsFixture(store, { shared: fixture })
      await registry.authenticate(new Secret(ADMIN_TOKEN), ADDRESS)
      await expect(registry.authenticate(undefined, ADDRESS)).rejects.toMatchObject({ code: 'TokenRefused' })
      for (let n = 0; n < 20; n++)
        await expect(registry.authenticate(new Secret(`dbo_${n}`), ADDRESS)).rejects.toMatchObject({ code: 'TokenRefused' })
      await expect(registry.authenticate(new Secret('guess'), ADDRESS)).rejects.toMatchObject({ status: 429, code: 'TooManyRefusedKeys' })
      expect(await registry.authenticate(new Secret(ADMIN_TOKEN), ADDRESS)).toEqual(admin)
    })

    test('whose token is a good one come in while others behind their address are guessing, in a process that has never seen it too', async () => {
      const { token } = await fixture.registry.addOwner(admin, { name: 'Behind a proxy' })
      const { registry } = createConnectionsFixture(store, { shared: fixture })
      for (let n = 0; n < 21; n++)
        await expect(registry.authenticate(new Secret(`dbo_${n}`), ADDRESS)).rejects.toMatchObject({ status: n < 20 ? 401 : 429 })
      expect(await registry.authenticate(new Secret(token), ADDRESS)).toMatchObject({ name: 'Behind a proxy' })
      // A token that a person has thought up could be guessed.
      await expect(registry.authenticate(new Secret(ADMIN_TOKEN), ADDRESS)).rejects.toMatchObject({ code: 'TooManyRefusedKeys' })
    })

    test('get a message that says so when they send a connection key in place of their token', async () => {
      const owner = await newOwner()
      const { key } = await fixture.connect(owner, 'Sales')
      await expect(fixture.registry.authenticate(key, ADDRESS)).rejects.toThrow(/^This is a connection key, not an owner token/)
    })

    test('without an admin token no caller is admin', async () => {
      const registry = createRegistry({ ...fixture, store, logger: silentLogger, adminToken: undefined })
      await expect(registry.authenticate(new Secret(''), ADDRESS)).rejects.toMatchObject({ code: 'TokenRefused' })
    })
  })

  describe('the audit log', () => {
    test('has every change, newest first, and shows an owner only their entries', async () => {
      const owner = await newOwner()
      const { registry } = fixture
      const { id, keyId } = await fixture.connect(owner, 'Sales')
      await registry.changeConnection(owner, id, { name: 'Selling', apiKey: BOB })
      fixture.refuseAll(401, 2)
      await registry.testConnection(owner, id)
      await registry.removeKey(owner, keyId)
      await registry.removeConnection(owner, id)
      await expect(registry.removeConnection(owner, id)).rejects.toMatchObject({ code: 'NotFoundHere' })
      const log = await registry.listAudit(owner, {})
      expect(log.map(({ action, subject, owner: by }) => [action, subject, by])).toEqual([
        ['connection.remove', id, owner.id],
        ['key.remove', keyId, owner.id],
        ['connection.test', id, owner.id],
        ['connection.change', id, owner.id],
        ['key.add', keyId, owner.id],
        ['connection.add', id, owner.id],
      ])
      expect(log[3]?.details).toMatchObject({ name: { from: 'Sales', to: 'Selling' }, apiKey: 'exchanged' })
      expect((await registry.listAudit(owner, { limit: 2 })).map(({ action }) => action)).toEqual(['connection.remove', 'key.remove'])
      const rest = await registry.listAudit(owner, { before: log[1]!.id })
      expect(rest).toEqual(log.slice(2))
      const everybodys = await registry.listAudit(admin, { limit: 100 })
      expect(everybodys).toEqual(expect.arrayContaining(log))
      expect(everybodys.some(({ action, subject }) => action === 'owner.add' && subject === owner.id)).toBe(true)
    })

    test('and everything else in the store is without a secret', async () => {
      const text = await wholeStore()
      for (const secret of [...SECRETS, ADMIN_TOKEN]) expect(text).not.toContain(secret)
    })
  })
})
