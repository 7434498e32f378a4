import { expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'

const BOB = 'sandbox-bob'

test('users are found by name or by address', async () => {
  const { data, ask } = sandboxClient()
  const found = async (query: string) => (await data<RecordData[]>('GET', `/v1/users/find?${query}`)).map((user) => user['name'])
  expect(await found('term=al')).toEqual(['Alice Andersson'])
  expect(await found('term=brightwater.example')).toEqual([])
  expect(await found('term=bob%40&search_by_email=1')).toEqual(['Bob Becker'])
  expect((await ask('GET', '/v1/users/find')).status).toBe(400)
})

test('every user has settings', async () => {
  expect(await sandboxClient().data('GET', '/api/v1/userSettings', undefined, BOB)).toMatchObject({ list_limit: 100 })
})

test.each(['permissionSets', 'roles'])('%s are for administrators', async (name) => {
  const { data, ask } = sandboxClient()
  expect(await data<object[]>('GET', `/v1/${name}`)).not.toEqual([])
  expect((await ask('GET', `/v1/${name}`, undefined, BOB)).status).toBe(403)
})
