import { describe, expect, test } from 'vitest'
import { ids, upstream } from './records.fixture.ts'
import { data, failureOf, page, refusal } from './upstream.fixture.ts'

describe('records behind ids', () => {
  test('a deleted one is returned as long as Pipedrive returns it: by id, in a list, or by id when the list omits it', async () => {
    const deleted = (id: number) => ({ id, name: `persons ${id}`, is_deleted: true })
    for (const omitted of [false, true]) {
      const { open } = upstream(({ path }) => {
        if (/\/[12]$/.test(path)) return data(deleted(Number(path.at(-1))))
        if (path.endsWith('/3')) return refusal(404)
        if (!path.includes('ids=')) return undefined
        return data(ids(12).flatMap((id) => (id > 3 ? [{ ...deleted(id), is_deleted: false }] : omitted ? [] : [deleted(id)])))
      })
      const names = async (wanted: number[]) => [...(await open(`${wanted.length}`).referenceData.fetch('person', wanted)).keys()]
      expect(await names([1, 2, 3])).toEqual([1, 2])
      expect((await names(ids(12))).toSorted((a, b) => a - b)).toEqual(omitted ? [1, 2, ...ids(9, 4)] : ids(12))
    }
  })

  test.each([
    ['a status 500', refusal(500), 'Unavailable'],
    ['a status 403', refusal(403), 'Forbidden'],
    ['a lost connection', 'lost', 'Unavailable'],
    ['an unreadable answer', page(200), 'Unreadable'],
  ] as const)('%s for one record does not affect the others, is reported, and not cached', async (_, trouble, code) => {
    let broken = true
    const { open, asked } = upstream(({ path }) => (broken && path.endsWith('/2') ? trouble : undefined))
    const failures: string[] = []
    const fetch = async () => [...(await open().referenceData.fetch('person', [1, 2, 3], (error) => failures.push(error.code))).keys()]
    expect([await fetch(), failures]).toEqual([[1, 3], [code]])
    broken = false
    asked()
    expect([await fetch(), failures, asked()]).toEqual([[1, 3, 2], [code], ['GET /api/v2/persons/2']])
  })

  test('a list that fails because of one record is replaced by single reads, and the others are found', async () => {
    const { open } = upstream(({ path }) => (path.includes('ids=') || path.endsWith('/5') ? refusal(500) : undefined))
    const failures: string[] = []
    const found = await open().referenceData.fetch('person', ids(12), (error) => failures.push(error.message))
    expect([found.size, failures.length, failures[0]]).toEqual([11, 1, expect.stringContaining('/api/v2/persons/5')])
  })

  test('a list that fails for every record is one failure, after two single reads', async () => {
    const { open, asked } = upstream(({ path }) => (path.includes('/persons') ? refusal(400) : undefined))
    expect((await failureOf(open().referenceData.fetch('person', ids(12), () => {}))).name).toBe('Rejected')
    expect(asked()).toHaveLength(3)
  })

  test('a refused key is thrown, although other records were found', async () => {
    const { open } = upstream(({ path }) => (/\/(2|me)$/.test(path) ? refusal(401) : undefined))
    expect((await failureOf(open().referenceData.fetch('person', [1, 2], () => {}))).name).toBe('ApiKeyRefused')
  })

  test('a list that omits a deleted or archived deal is followed by a read of that deal alone, once', async () => {
    for (const served of [true, false]) {
      const { open, archived, asked } = upstream(({ path }) => (path.includes('/deals/3') && !served ? refusal(404) : undefined))
      archived.add(3)
      const found = await open().referenceData.fetch('deal', ids(12))
      expect([found.has(3), found.size]).toEqual([served, served ? 12 : 11])
      expect(asked().filter((request) => request.includes('/deals/'))).toEqual(['GET /api/v2/deals/3'])
    }
  })
})
