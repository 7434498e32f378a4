import { expect, test } from 'vitest'
import { manualClock } from '../clock.ts'
import { createSandbox } from '../sandbox.ts'

const generated = (deals: number, random?: number) => createSandbox({ clock: manualClock(), seed: { generate: { deals, random } } })

test('the same number generates the same records, another one others', () => {
  const first = generated(200, 42).snapshot()
  expect(generated(200, 42).snapshot()).toEqual(first)
  expect(generated(200, 43).snapshot()).not.toEqual(first)
})

test('deals come with persons, organizations and activities, behind the records of the seed, and each points at what exists', async () => {
  const sandbox = generated(300)
  const all = async (path: string) => {
    const rows: Record<string, unknown>[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const answer = await sandbox.fetch(
        new Request(`http://pipedrive.example/api/v2/${path}?limit=500${cursor && `&cursor=${cursor}`}`, {
          headers: { 'x-api-token': 'sandbox-alice' },
        }),
      )
      expect(answer.status).toBe(200)
      const page = (await answer.json()) as { data: Record<string, unknown>[]; additional_data: { next_cursor: string | null } }
      rows.push(...page.data)
      cursor = page.additional_data.next_cursor
    }
    return rows
  }
  const [deals, persons, organizations, activities] = await Promise.all(['deals', 'persons', 'organizations', 'activities'].map(all))
  const created = deals!.filter(({ id }) => (id as number) > 30)
  expect(created).toHaveLength(300)
  const ids = (rows: Record<string, unknown>[]) => new Set(rows.map(({ id }) => id))
  for (const deal of created) expect([ids(persons!).has(deal['person_id']), ids(organizations!).has(deal['org_id'])]).toEqual([true, true])
  expect(activities!.filter(({ deal_id }) => (deal_id as number) > 30)).toHaveLength(300)
  expect(new Set(created.map(({ status }) => status))).toEqual(new Set(['open', 'won', 'lost']))
  const times = created.map(({ add_time }) => add_time as string)
  expect(times).toEqual(times.toSorted())
  for (const { add_time, update_time } of created) expect((update_time as string) >= (add_time as string)).toBe(true)
})
