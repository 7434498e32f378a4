import { expect, test } from 'vitest'
import { NotFound } from './errors/not-found.ts'
import { clientBefore, data, failureOf, refusal } from './upstream.fixture.ts'

const deal = (id: number) => ({ id, title: `Deal ${id}`, is_deleted: false, is_archived: false })
/** An upstream that serves deals by id, or only in the lists of the deleted or archived ones. */
function upstream() {
  const places = { byId: new Set<number>(), deleted: new Set<number>(), archived: new Set<number>() }
  const before = clientBefore(({ method, path }) => {
    const url = new URL(path, 'https://x')
    if (method === 'POST') {
      places.byId.add(99)
      return data(deal(99))
    }
    const byId = /^\/api\/v2\/deals\/(\d+)$/.exec(url.pathname)?.[1]
    if (byId) return places.byId.has(Number(byId)) ? data(deal(Number(byId))) : refusal(404, 'Deal not found')
    const place = url.pathname.endsWith('/archived')
      ? places.archived
      : url.searchParams.get('status') === 'deleted'
        ? places.deleted
        : new Set()
    return data(
      url.searchParams
        .get('ids')!
        .split(',')
        .map(Number)
        .filter((id) => place.has(id))
        .map(deal),
    )
  })
  return { ...before, places }
}

test('a deal that is served by id costs one read', async () => {
  const { open, places } = upstream()
  places.byId.add(1)
  const { pipedrive, ledger } = open()
  expect(await pipedrive.deals.find(1)).toEqual(deal(1))
  expect(ledger.tokens).toBe(1)
})

test('a deal that is archived and deleted is found in the list of archived deals, which leaves out deleted ones by default', async () => {
  const { open, asked } = clientBefore(({ path }) => {
    const { pathname, searchParams } = new URL(path, 'https://x')
    const isShown = pathname.endsWith('/archived') && searchParams.get('status')?.includes('deleted')
    return /\d$/.test(pathname) ? refusal(404, 'Deal not found') : data(isShown ? [{ ...deal(3), status: 'deleted' }] : [])
  })
  expect(await open().pipedrive.deals.find(3)).toMatchObject({ id: 3, is_deleted: true, is_archived: true })
  expect(asked()).toHaveLength(3)
})

test('a deal that is only in the list of the deleted ones is found there, and marked', async () => {
  const { open, places, asked } = upstream()
  places.deleted.add(2)
  const { pipedrive, ledger } = open()
  expect(await pipedrive.deals.find(2, ['files_count'])).toEqual({ ...deal(2), is_deleted: true })
  expect(ledger.tokens).toBe(11)
  expect(asked()[1]).toBe('GET /api/v2/deals?ids=2&include_fields=files_count&status=deleted')
})

test('a deal that is only in the list of the archived ones is found there, and marked', async () => {
  const { open, places } = upstream()
  places.archived.add(3)
  const { pipedrive, ledger } = open()
  expect(await pipedrive.deals.find(3)).toEqual({ ...deal(3), is_archived: true })
  expect(ledger.tokens).toBe(31)
})

test('a wrong id costs 31 tokens once, then 1 for a minute, for each key on its own', async () => {
  const { open, clock } = upstream()
  const cost = async (key: string) => {
    const { pipedrive, ledger } = open(key)
    expect(await failureOf(pipedrive.deals.find(4))).toBeInstanceOf(NotFound)
    return ledger.tokens
  }
  expect([await cost('key-a'), await cost('key-a'), await cost('key-b'), await cost('key-b')]).toEqual([31, 1, 31, 1])
  clock.advance(60_000)
  expect(await cost('key-a')).toBe(31)
})

test('a deal that was missing a moment ago is found as soon as it is there', async () => {
  const { open, places } = upstream()
  await failureOf(open().pipedrive.deals.find(5))
  places.byId.add(5)
  expect((await open().pipedrive.deals.find(5)).id).toBe(5)
})

test('a deal that this process has created is no longer remembered as missing, for any key that looked for it', async () => {
  const { open, places } = upstream()
  await failureOf(open('key-a').pipedrive.deals.find(99))
  await open('key-b').pipedrive.deals.create({ title: 'Chairs' })
  places.byId.delete(99)
  places.archived.add(99)
  expect((await open('key-a').pipedrive.deals.find(99)).is_archived).toBe(true)
})

test('a search that a create overtakes remembers nothing', async () => {
  const { open, places } = upstream()
  const search = failureOf(open().pipedrive.deals.find(6))
  await open().pipedrive.deals.create({ title: 'Chairs' })
  await search
  places.deleted.add(6)
  expect((await open().pipedrive.deals.find(6)).is_deleted).toBe(true)
})
