import { beforeEach, describe, expect } from 'vitest'
import { verifies } from './verifies.ts'
import { createWorld, type Row, type World } from './world.ts'

let world: World
beforeEach(async () => {
  world = await createWorld({ config: { callsPerMinute: 10_000 } })
})

const titles = async (id: string, input: Row = {}): Promise<string[]> => {
  const { body } = await world.call<{ data: Row[] }>(id, input)
  return body.data.map((row) => (row['title'] ?? row['name']) as string)
}
const add = (path: string, body: Row) => world.pipedrive('POST', path, body)

describe('a drop-down costs', () => {
  verifies('output.lookup-cost', 'one call, the first time too', async () => {
    // Every contact gets an e-mail address: only for the others the organization is looked up.
    const persons = (await world.pipedrive('GET', '/api/v2/persons?limit=500')) as unknown as { id: number }[]
    for (const { id } of persons)
      await world.pipedrive('PATCH', `/api/v2/persons/${id}`, { emails: [{ value: `p${id}@example.com`, primary: true }] })
    for (const id of [
      'ListDeals',
      'ListPipelines',
      'ListPersons',
      'ListOrganizations',
      'ListUsers',
      'ListActivityTypes',
      'ListCurrencies',
    ]) {
      await world.restart()
      world.takeRequests()
      expect(await titles(id)).not.toHaveLength(0)
      expect(world.takeRequests(), id).toHaveLength(1)
    }
  })

  verifies(
    'output.lookup-cost',
    'the stages of a pipeline one call, and all stages one more only while the names of the pipelines are not known',
    async () => {
      const pipeline = (await world.call<{ data: Row[] }>('ListPipelines')).body.data[0]!
      await world.restart()
      world.takeRequests()
      await titles('ListStages', { pipeline_id: pipeline['id'] })
      expect(world.takeRequests().map(({ path }) => path)).toEqual(['/api/v2/stages'])
      await titles('ListStages')
      expect(world.takeRequests().map(({ path }) => path)).toEqual(['/api/v2/stages', '/api/v2/pipelines'])
      await titles('ListStages')
      expect(world.takeRequests().map(({ path }) => path)).toEqual(['/api/v2/stages'])
    },
  )

  verifies('output.lookup-cost', 'contacts without an e-mail address one more call for all their organizations', async () => {
    const { id: org_id } = await add('/api/v2/organizations', { name: 'Nordlicht' })
    await add('/api/v2/persons', { name: 'Bo', org_id })
    world.takeRequests()
    expect(await titles('ListPersons')).toContain('Bo (Nordlicht)')
    expect(world.takeRequests().map(({ path }) => path)).toEqual(['/api/v2/persons', '/api/v2/organizations'])
  })

  verifies('output.lookup-recent', 'and of what can be many, the 500 most recently changed are asked for', async () => {
    for (const id of ['ListDeals', 'ListPersons', 'ListOrganizations']) {
      await titles(id)
      expect(world.takeRequests()[0]!.query).toEqual({ sort_by: 'update_time', sort_direction: 'desc', limit: '500' })
    }
  })
})

describe('a drop-down shows', () => {
  verifies('output.lookup-title', 'a deal with its id', async () => {
    const { id } = await add('/api/v2/deals', { title: 'Wood' })
    expect((await titles('ListDeals'))[0]).toBe(`Wood (#${String(id)})`)
  })

  verifies('output.lookup-title', 'a contact with its primary e-mail address, or its name alone when nothing else is known', async () => {
    await add('/api/v2/persons', { name: 'Ann', emails: [{ value: 'home@example.com' }, { value: 'ann@example.com', primary: true }] })
    await add('/api/v2/persons', { name: 'Cleo' })
    expect(await titles('ListPersons')).toEqual(expect.arrayContaining(['Ann (ann@example.com)', 'Cleo']))
  })

  verifies('output.lookup-title', 'two of the same name with their ids', async () => {
    const [a, b] = [await add('/api/v2/organizations', { name: 'Twin' }), await add('/api/v2/organizations', { name: 'Twin' })]
    const found = (await titles('ListOrganizations')).filter((title) => title.startsWith('Twin'))
    expect(found.sort()).toEqual([`Twin (#${String(a['id'])})`, `Twin (#${String(b['id'])})`].sort())
  })

  verifies('output.lookup-title', 'contacts all the same when their organizations cannot be read', async () => {
    const { id: org_id } = await add('/api/v2/organizations', { name: 'Nordlicht' })
    await add('/api/v2/persons', { name: 'Bo', org_id })
    world.intercept((request) =>
      new URL(request.url).pathname === '/api/v2/organizations'
        ? Response.json({ success: false, error: 'no' }, { status: 403 })
        : undefined,
    )
    expect(await titles('ListPersons')).toContain('Bo')
  })

  verifies('output.lookup-title', 'active users with their e-mail addresses, and a currency with its code', async () => {
    const users = (await world.pipedrive('GET', '/api/v1/users')) as unknown as { name: string; email: string; active_flag: boolean }[]
    expect(await titles('ListUsers')).toEqual(users.filter((u) => u.active_flag).map((u) => `${u.name} (${u.email})`))
    expect((await titles('ListCurrencies')).some((title) => title.endsWith(' (EUR)'))).toBe(true)
  })

  verifies(
    'output.lookup-title',
    'each of 500 records whose names are blank, equal, or no plain text under a title of its own',
    async () => {
      const hostile = ['Same', 'Same', ' Same ', '', '   ', 'Same (#2)', '👩‍👩‍👧 Ünï 漢字', 'a\nb', 'a b', '<b>"&', 'x'.repeat(300)]
      const lists: [id: string, path: string, title: string][] = [
        ['ListDeals', '/api/v2/deals', 'title'],
        ['ListPersons', '/api/v2/persons', 'name'],
        ['ListOrganizations', '/api/v2/organizations', 'name'],
        ['ListPipelines', '/api/v2/pipelines', 'name'],
        ['ListStages', '/api/v2/stages', 'name'],
        ['ListUsers', '/api/v1/users', 'name'],
        ['ListActivityTypes', '/api/v1/activityTypes', 'name'],
        ['ListCurrencies', '/api/v1/currencies', 'name'],
      ]
      world.intercept(async (request, pass) => {
        const list = lists.find(([, path]) => path === new URL(request.url).pathname)
        if (!list) return undefined
        const answer = (await (await pass()).json()) as { data: Row[] }
        const like = answer.data[0]!
        const data = Array.from({ length: 500 }, (_, at) => ({
          ...like,
          id: at + 1,
          [list[2]]: hostile[at % hostile.length],
          ...(list[0] === 'ListUsers' && { email: '', active_flag: true }),
          ...(list[0] === 'ListPersons' && { emails: at % 2 ? [] : [{ value: '', primary: true }], org_id: null }),
          ...(list[0] === 'ListActivityTypes' && { key_string: `type_${at}`, active_flag: true }),
          ...(list[0] === 'ListCurrencies' && { code: `C${at}`, active_flag: true }),
        }))
        return Response.json({ ...answer, data, additional_data: { next_cursor: null } })
      })
      const alike = (title: string) => title.replace(/\s+/g, ' ').trim()
      const shows = async (id: string, input: Row = {}) => {
        const shown = (await titles(id, input)).map(alike)
        expect([id, shown.length, new Set(shown).size, shown.filter((title) => title === '')]).toEqual([id, 500, 500, []])
      }
      for (const [id] of lists) await shows(id)
      const stages = (await world.call<{ data: Row[] }>('ListStages')).body.data
      expect(stages).toHaveLength(500)
      const pipeline = (await world.pipedrive('GET', '/api/v2/stages')) as unknown as { pipeline_id: number }[]
      await shows('ListStages', { pipeline_id: pipeline[0]!.pipeline_id })
    },
  )

  verifies('output.lookup-title', 'no type of activity, no user and no currency that is switched off', async () => {
    for (const [id, path] of [
      ['ListActivityTypes', '/api/v1/activityTypes'],
      ['ListUsers', '/api/v1/users'],
      ['ListCurrencies', '/api/v1/currencies'],
    ] as const) {
      world.intercept(async (request, pass) => {
        if (new URL(request.url).pathname !== path) return undefined
        const answer = (await (await pass()).json()) as { data: Row[] }
        return Response.json({ ...answer, data: answer.data.map((row, at) => ({ ...row, active_flag: at === 0 })) })
      })
      world.clock.advance(120_000)
      expect([id, (await titles(id)).length]).toEqual([id, 1])
    }
  })
})
