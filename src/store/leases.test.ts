import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { eventually } from '../kit/eventually.fixture.ts'
import { silentLogger } from '../kit/logger.ts'
import { onEveryEngine } from './engines.fixture.ts'
import { NEVER } from './lease-statements.ts'
import { createLeases } from './leases.ts'
import type { Store } from './store.ts'

const NOW = new Date('2026-11-22T10:00:00Z')
const later = (ms: number) => new Date(NOW.getTime() + ms)

onEveryEngine('leases', (newStore) => {
  let store: Store
  beforeAll(async () => {
    store = await newStore()
    const account = { id: 'account', principal: 'someone', company_id: 1, user_id: 1, created_at: NOW }
    await store.db.insertInto('accounts').values(account).execute()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    vi.restoreAllMocks()
    await store.db.deleteFrom('sources').execute()
  })
  const add = async (id: 'deal' | 'activity', due_at: Date) => {
    const times = { check_at: NOW, reconcile_at: NOW, created_at: NOW, due_at }
    await store.db
      .insertInto('sources')
      .values({ id, account_id: 'account', kind: id, mode: 'polling', ...times })
      .execute()
  }
  const row = (id: string) => store.db.selectFrom('sources').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const newLeases = () => createLeases({ engine: store.engine, table: 'sources', logger: silentLogger })
  const expire = () =>
    store.db
      .updateTable('sources')
      .set({ leased_until: new Date(Date.now() - 1_000) })
      .execute()

  test('a row that is due is given to one worker, the earliest first, and is due no more until it is given back', async () => {
    const [one, two] = [newLeases(), newLeases()]
    await add('deal', later(-1))
    await add('activity', later(-2))
    expect(await one.claimDue(NOW, 1)).toEqual(['activity'])
    expect(await two.claimDue(NOW, 9)).toEqual(['deal'])
    expect(await one.claimDue(NOW, 9)).toEqual([])
    expect(await two.claimOne('activity', NOW)).toBe('busy')
    expect(await one.release('activity', later(5))).toEqual(later(5))
    expect(await two.claimDue(later(4), 9)).toEqual([])
    expect(await two.claimDue(later(5), 9)).toEqual(['activity'])
    expect(await row('activity')).toMatchObject({ due_at: NEVER })
    one.stop()
    two.stop()
  })

  test('what became due meanwhile is due when it is given back', async () => {
    const leases = newLeases()
    await add('deal', NOW)
    await leases.claimDue(NOW, 1)
    await store.db
      .updateTable('sources')
      .set({ due_at: later(1) })
      .execute()
    expect(await leases.release('deal', NEVER)).toEqual(later(1))
    leases.stop()
  })

  test('a worker that has lost its lease learns it permanently, and does not end the lease of another', async () => {
    const [sleeper, taker] = [newLeases(), newLeases()]
    await add('deal', NOW)
    await sleeper.claimDue(NOW, 1)
    const lease = sleeper.leaseOf('deal')
    expect(lease.isHeld()).toBe(true)
    await expire()
    expect(await taker.claimLeft(9)).toEqual(['deal'])
    const now = performance.now()
    vi.spyOn(performance, 'now').mockReturnValue(now + 25_000)
    expect(lease.isHeld()).toBe(false)
    vi.restoreAllMocks()
    expect(lease.isHeld()).toBe(false)
    expect(await sleeper.release('deal', NOW)).toBeUndefined()
    expect(taker.leaseOf('deal').isHeld()).toBe(true)
    expect((await row('deal')).leased_until).not.toBeNull()
    sleeper.stop()
    taker.stop()
  })

  test('a lease is renewed while it is held, and one that was lost meanwhile is found out by that', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const leases = newLeases()
    await add('deal', NOW)
    await add('activity', NOW)
    await leases.claimDue(NOW, 2)
    const [kept, lost] = [leases.leaseOf('deal'), leases.leaseOf('activity')]
    const before = (await row('deal')).leased_until!
    await store.db.updateTable('sources').set({ leased_by: 'another' }).where('id', '=', 'activity').execute()
    await pause(5)
    vi.advanceTimersByTime(8_000)
    await eventually(() => expect(lost.isHeld()).toBe(false))
    expect(kept.isHeld()).toBe(true)
    expect((await row('deal')).leased_until!.getTime()).toBeGreaterThan(before.getTime())
    leases.stop()
    vi.useRealTimers()
  })

  test('a row that is not there is gone', async () => {
    const leases = newLeases()
    expect(await leases.claimOne('nothing', NOW)).toBe('gone')
    leases.stop()
  })

  test('where one process has the store, leases of an earlier one end, and all that waits is looked at', async () => {
    await add('deal', NEVER)
    await add('activity', later(3_600_000))
    await newLeases().claimOne('deal', NOW)
    await store.engine.leases.endAll('sources', NOW)
    expect(await row('deal')).toMatchObject({ leased_until: null, leased_by: null, due_at: NOW })
    expect(await row('activity')).toMatchObject({ due_at: NOW })
  })
})
