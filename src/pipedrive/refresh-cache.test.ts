import { describe, expect, test } from 'vitest'
import { upstream } from './records.fixture.ts'
import { data, failureOf, refusal } from './upstream.fixture.ts'

const minute = 60_000
type Open = ReturnType<typeof upstream>['open']

describe('what an answer has just shown', () => {
  const renamed = (row: object) => data({ ...row, name: 'Renamed' })

  test.each([
    ['stage', 1, '/stages/1', (open: Open) => open().pipedrive.stages.get(1)],
    ['user', 2, '/users/2', (open: Open) => open().pipedrive.users.get(2)],
    ['user', 1, '/users/me', (open: Open) => open().pipedrive.users.me()],
    ['person', 3, '/persons/3', (open: Open) => open().pipedrive.persons.get(3)],
    ['organization', 4, '/organizations/4', (open: Open) => open().pipedrive.organizations.get(4)],
    ['person', 5, '/persons?sort', (open: Open) => open().pipedrive.persons.list({ sort_by: 'id' })],
    ['organization', 6, '/organizations?sort', (open: Open) => open().pipedrive.organizations.list({ sort_by: 'id' })],
  ] as const)('renews the cached name of a %s (%i, by %s)', async (kind, id, part, show) => {
    let isRenamed = false
    const { open, asked } = upstream(({ path }) => {
      if (!isRenamed || !path.includes(part)) return undefined
      const row = { id, pipeline_id: 1, order_nr: 1, company_id: 7, is_deleted: false, name: 'Renamed' }
      return data(path.includes('?') ? [row] : row)
    })
    const name = async () => (await open().referenceData.fetch(kind, [id])).get(id)?.name
    await open().referenceData.me()
    const before = await name()
    isRenamed = true
    await show(open)
    asked()
    expect([before === 'Renamed', await name(), asked()]).toEqual([false, 'Renamed', []])
  })

  test('renews a user in the cached list and as the user of the key; stages stay in their order', async () => {
    let isRenamed = false
    const { open, asked } = upstream(({ path }) =>
      !isRenamed
        ? undefined
        : path.endsWith('/users/1')
          ? renamed({ id: 1 })
          : path.endsWith('/stages/2')
            ? renamed({ id: 2, pipeline_id: 3, order_nr: 0 })
            : undefined,
    )
    await open().referenceData.users()
    await open().referenceData.me()
    await open().referenceData.stages()
    isRenamed = true
    await open().pipedrive.users.get(1)
    await open().pipedrive.stages.get(2)
    asked()
    expect((await open().referenceData.users())[0]).toMatchObject({ id: 1, name: 'Renamed' })
    expect(await open().referenceData.me()).toMatchObject({ id: 1, name: 'Renamed', company_id: 7 })
    expect((await open().referenceData.stages()).map(({ id }) => id)).toEqual([1, 3, 2])
    expect(asked()).toEqual([])
  })

  test('adds a stage that the cached list does not contain yet, and removes one that is gone', async () => {
    const { open, asked } = upstream(({ path }) =>
      path.endsWith('/stages/9')
        ? data({ id: 9, name: 'New', pipeline_id: 1, order_nr: 2 })
        : path.endsWith('/stages/1')
          ? refusal(404)
          : undefined,
    )
    await open().referenceData.stages()
    await open().pipedrive.stages.get(9)
    await failureOf(open().pipedrive.stages.get(1))
    asked()
    expect((await open().referenceData.stages()).map(({ id }) => id)).toEqual([2, 9, 3])
    expect(asked()).toEqual([])
  })

  test('does not prolong the life of what is cached, and is not shown to another key', async () => {
    const { open, clock, asked } = upstream(({ path, headers }) =>
      headers.get('x-api-token') === 'key-a' && path.endsWith('/persons/1') ? renamed({ id: 1 }) : undefined,
    )
    await open('key-b').referenceData.fetch('person', [1])
    await open().referenceData.fetch('person', [1])
    clock.advance(minute - 1)
    await open().pipedrive.persons.get(1)
    expect((await open('key-b').referenceData.fetch('person', [1])).get(1)?.name).toBe('persons 1')
    clock.advance(1)
    asked()
    await open().referenceData.fetch('person', [1])
    expect(asked()).toEqual(['GET /api/v2/persons/1'])
  })
})
