import { expect, test } from 'vitest'
import { sandboxClient } from '../sandbox-client.fixture.ts'

interface Found {
  data: { items: Hit[]; related_items?: Hit[] }
  additional_data: { next_cursor: string | null }
}
interface Hit {
  result_score: number
  item: Record<string, unknown> & { id: number | string; type: string }
}

function searcher(...options: Parameters<typeof sandboxClient>) {
  const all = sandboxClient(...options)
  const search = async (path: string, key?: string) => {
    const { status, body, text } = await all.ask<Found>('GET', `/api/v2${path}`, undefined, key)
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
    return body
  }
  const hits = async (path: string, key?: string) => (await search(path, key)).data.items.map(({ item }) => item.id)
  return { ...all, search, hits }
}
const BOB = 'sandbox-bob'

test('a found deal is shown with the names of what it is linked to', async () => {
  const { search } = searcher()
  const { data } = await search('/deals/search?term=Bluebird%20Boston&include_fields=deal.cc_email')
  expect(data.items).toEqual([
    {
      result_score: 0.8,
      item: {
        id: 2,
        type: 'deal',
        title: 'Bluebird Boston lobby',
        value: 64250,
        currency: 'USD',
        status: 'open',
        visible_to: 3,
        owner: { id: 21470312 },
        stage: { id: 4, name: 'Proposal made' },
        person: { id: 2, name: 'Marcus Webb' },
        organization: { id: 2, name: 'Bluebird Hotels', address: '12 Harbour Street, Boston, MA 02110, USA' },
        custom_fields: [],
        notes: ['<p>Marble samples are at the front desk</p>'],
        is_archived: false,
        cc_email: 'brightwater+deal2@pipedrivemail.com',
      },
    },
  ])
})

test('the whole title scores more than its beginning, that more than its middle, and notes and custom fields less', async () => {
  const { search, data } = searcher()
  await data('POST', '/api/v2/deals', { title: 'Oak' })
  await data('POST', '/api/v2/deals', { title: 'Oak table' })
  await data('POST', '/api/v2/deals', { title: 'Big oak table' })
  const { data: found } = await search('/deals/search?term=oak')
  expect(found.items.map(({ result_score, item }) => [item.id, result_score])).toEqual([
    [31, 1.2],
    [32, 0.8],
    [33, 0.5],
    [1, 0.075],
  ])
})

test('fields= selects the searched fields', async () => {
  const { hits } = searcher()
  expect(await hits('/deals/search?term=PO-2231')).toEqual([1])
  expect(await hits('/deals/search?term=PO-2231&fields=title,notes')).toEqual([])
  expect(await hits('/deals/search?term=oak&fields=notes')).toEqual([1])
  expect(await hits('/deals/search?term=4200&fields=custom_fields')).toEqual([1])
  expect(await hits('/persons/search?term=smith%40acme&fields=email')).toEqual([1])
  expect(await hits('/persons/search?term=smith%40acme&fields=name,phone')).toEqual([])
  expect(await hits('/persons/search?term=55501&fields=phone')).toEqual([])
  expect(await hits('/persons/search?term=555%2001&fields=phone')).toEqual([1, 8])
  expect(await hits('/organizations/search?term=Madrid&fields=address')).toEqual([4])
})

test('an exact match is the whole text, in upper or lower case', async () => {
  const { hits } = searcher()
  expect(await hits('/persons/search?term=cher&exact_match=true')).toEqual([14])
  expect(await hits('/persons/search?term=che&exact_match=true')).toEqual([])
})

test('a term has two characters, or one when exact', async () => {
  const { ask, hits } = searcher()
  for (const path of ['/deals/search', '/persons/search', '/organizations/search', '/products/search', '/leads/search', '/itemSearch']) {
    const reply = await ask('GET', `/api/v2${path}?term=x`)
    expect([reply.status, reply.body.error], path).toEqual([
      400,
      'Validation failed: term: The search term must be at least 2 characters long.',
    ])
    expect((await ask('GET', `/api/v2${path}?term=x&exact_match=true`)).status, path).toBe(200)
    expect((await ask('GET', `/api/v2${path}`)).body.error, path).toContain('term: This value is required.')
  }
  expect(await hits('/persons/search?term=%E4%BD%90%E8%97%A4')).toEqual([5])
  expect((await ask('GET', '/api/v2/persons/search?term=%E4%BD%90')).status).toBe(400)
})

test('searches can be narrowed by what the records are linked to', async () => {
  const { hits } = searcher()
  const all = await hits('/deals/search?term=maintenance')
  expect(all).toEqual([15, 16, 17])
  expect(await hits('/deals/search?term=maintenance&status=lost')).toEqual([17])
  expect(await hits('/deals/search?term=maintenance&person_id=2')).toEqual([16])
  expect(await hits('/deals/search?term=maintenance&organization_id=1')).toEqual([15])
  expect(await hits('/persons/search?term=an&organization_id=1')).toEqual([1])
})

test('archived deals are found, deleted ones are not', async () => {
  const { search, hits } = searcher()
  expect((await search('/deals/search?term=Old%20showroom')).data.items[0]?.item['is_archived']).toBe(true)
  expect(await hits('/deals/search?term=please%20ignore')).toEqual([])
})

test('a search finds what the reader may see, and names nothing else', async () => {
  const { hits, search } = searcher()
  expect(await hits('/deals/search?term=Fjordbank')).toEqual([6, 18])
  const bob = await search('/deals/search?term=Fjordbank', BOB)
  expect(bob.data.items.map(({ item }) => [item.id, item['person'], item['organization']])).toEqual([[18, null, null]])
  expect(await hits('/organizations/search?term=Fjordbank', BOB)).toEqual([])
})

test('a search has pages', async () => {
  const { search } = searcher()
  const first = await search('/deals/search?term=maintenance&limit=2')
  expect(first.data.items.map(({ item }) => item.id)).toEqual([15, 16])
  const second = await search(`/deals/search?term=maintenance&limit=2&cursor=${first.additional_data.next_cursor}`)
  expect(second.data.items.map(({ item }) => item.id)).toEqual([17])
  expect(second.additional_data.next_cursor).toBeNull()
})

test('searchSeesAfterSeconds: a new record is found only after a while', async () => {
  const { hits, data, clock } = searcher({ searchSeesAfterSeconds: 5 })
  await data('POST', '/api/v2/deals', { title: 'Brand new' })
  expect(await hits('/deals/search?term=brand%20new')).toEqual([])
  clock.advance(5_000)
  expect(await hits('/deals/search?term=brand%20new')).toEqual([31])
})

test('leads are found by title and notes, and shown with their contacts', async () => {
  const { search, hits } = searcher()
  const { data } = await search('/leads/search?term=40%20desks&include_fields=lead.was_seen')
  expect(data.items[0]?.item).toMatchObject({
    id: '2b1c9a30-6a5f-11f1-9d2e-7f4c1b0d8e55',
    type: 'lead',
    person: { id: 10, name: 'Dr. Aoife Byrne' },
    organization: { id: 10, name: 'Juniper Clinics' },
    emails: ['a.byrne@juniper.example'],
    value: 18200,
    was_seen: false,
    notes: ['<p>Asked for delivery before the school holidays</p>'],
  })
  expect(await hits('/leads/search?term=school%20holidays')).toHaveLength(1)
  expect(await hits('/leads/search?term=Camille&person_id=3')).toHaveLength(1)
  expect(await hits('/leads/search?term=Camille&person_id=4')).toEqual([])
})

test('itemSearch searches all kinds, or the named ones', async () => {
  const { search } = searcher()
  const kinds = async (query: string) => (await search(`/itemSearch?${query}`)).data.items.map(({ item }) => `${item.type} ${item.id}`)
  expect(await kinds('term=Camille')).toEqual(['person 3', expect.stringMatching(/^lead /)])
  expect(await kinds('term=Camille&item_types=person,deal')).toEqual(['person 3'])
  expect(await kinds('term=Camille&item_types=file,mail_attachment,project')).toEqual([])
  expect(await kinds('term=Paris&fields=address')).toEqual(['organization 3'])
})

test('related items are those of found persons and organizations, without a score', async () => {
  const { search } = searcher()
  const { data } = await search('/itemSearch?term=Camille&item_types=person&search_for_related_items=true')
  const related = data.related_items!.map(({ item, result_score }) => [item.type, item['title'], result_score])
  expect(related).toEqual([
    ['lead', 'Trade fair contact: Camille', 0],
    ['deal', 'Café Lumière winter garden', 0],
    ['deal', 'Lumière reseller contract', 0],
    ['deal', 'Café Lumière terrace', 0],
  ])
  expect((await search('/itemSearch?term=Camille')).data.related_items).toEqual([])
})

test('itemSearch has smaller pages than the others', async () => {
  const { ask } = searcher()
  expect((await ask('GET', '/api/v2/itemSearch?term=ab&limit=101')).body.error).toBe(
    'Validation failed: limit: The value is not between 1 and 100',
  )
  expect((await ask('GET', '/api/v2/deals/search?term=ab&limit=500')).status).toBe(200)
})

test('itemSearch/field finds values by their case, whole, by beginning or by middle', async () => {
  const { ask, data } = searcher()
  const found = (query: string) => data<object[]>('GET', `/api/v2/itemSearch/field?entity_type=person&field=name&${query}`)
  expect(await found('term=Cher')).toEqual([{ id: 14, name: 'Cher' }])
  expect(await found('term=cher')).toEqual([])
  expect(await found('term=Jane&match=exact')).toEqual([])
  expect(await found('term=Jane&match=beginning')).toEqual([{ id: 1, name: 'Jane Smith' }])
  expect(await found('term=mith&match=middle')).toEqual([{ id: 1, name: 'Jane Smith' }])
  expect((await ask('GET', '/api/v2/itemSearch/field?entity_type=person&field=name&term=m&match=middle')).status).toBe(400)
  expect((await ask('GET', '/api/v2/itemSearch/field?entity_type=person&field=shoe_size&term=44')).body.error).toBe(
    "Validation failed: field: Unknown field 'shoe_size'",
  )
  const code = '4f9a1c07d2be63581e0f7a94c5d8b3e26017fa9c'
  expect(await data('GET', `/api/v2/itemSearch/field?entity_type=deal&field=${code}&term=PO&match=beginning`)).toEqual([
    { id: 1, [code]: 'PO-2231' },
  ])
  expect(await data('GET', '/api/v2/itemSearch/field?entity_type=project&field=title&term=x')).toEqual([])
})
