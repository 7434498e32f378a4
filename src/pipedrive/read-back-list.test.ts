import { expect, test } from 'vitest'
import { listOfRecord, readBackListOf } from './read-back-list.ts'
import { templatePath, TOKEN_PRICES, tokenPrice } from './token-prices.ts'

const requests = Object.keys(TOKEN_PRICES).map((request) => request.replaceAll('{id}', '7').split(' '))
const pathsOf = (...methods: string[]) => requests.flatMap(([method, path]) => (methods.includes(method!) ? [path!] : []))
const priceOfGet = (path: string) => tokenPrice('GET', templatePath(path))

/** What Pipedrive has no list for; webhooks have a registration of their own. */
const UNLISTED = ['/api/v1/deals/7/duplicate', '/api/v1/webhooks']

test('every create that this program knows is found in a list, but for those that Pipedrive has no list for', () => {
  expect(pathsOf('POST').filter((path) => !readBackListOf(path))).toEqual(UNLISTED)
})

test('every list and every record that is read after a lost answer has a price', () => {
  for (const path of pathsOf('POST')) {
    const list = readBackListOf(path)
    if (!list) continue
    expect(priceOfGet(list.path), list.path).toBeGreaterThan(0)
    if (list.hasRecords) expect(priceOfGet(`${path}/7`), path).toBeGreaterThan(0)
  }
})

test('every change of a record is read back, but not one that concerns several', () => {
  const unread = pathsOf('PUT', 'PATCH', 'DELETE').filter((path) => !listOfRecord(path, 7))
  expect(unread.filter((path) => !/\/merge$|\/webhooks\/7$|\/deals\/7\/products$/.test(path))).toEqual([])
})

test('a page starts with the newest record, in the words of its API', () => {
  expect(readBackListOf('/api/v2/persons')).toMatchObject({ path: '/api/v2/persons', orderedBy: 'id' })
  expect(readBackListOf('/api/v2/persons')!.query('c')).toBe('sort_by=id&sort_direction=desc&limit=100&cursor=c')
  expect(readBackListOf('/api/v1/notes')!.query('100')).toBe('sort=id%20DESC&limit=100&start=100')
  expect(readBackListOf('/api/v1/leads')!.query()).toBe('sort=add_time%20DESC&limit=100')
  expect(readBackListOf('/api/v2/deals/7/discounts')!.query()).toBe('')
})

test('archived records are in a list of their own, and installments in that of all deals', () => {
  expect(readBackListOf('/api/v2/deals', { is_archived: true })!.path).toBe('/api/v2/deals/archived')
  expect(readBackListOf('/api/v1/leads', { is_archived: true })!.path).toBe('/api/v1/leads/archived')
  const installments = readBackListOf('/api/v2/deals/7/installments')!
  expect([installments.path, installments.query()]).toEqual([
    '/api/v2/deals/installments',
    'deal_ids=7&sort_by=id&sort_direction=desc&limit=100',
  ])
})
