import { beforeAll, expect, test } from 'vitest'
import { catalog } from '../src/catalog/index.ts'
import { totalOf, type Prices, type Situation } from './reference/price.ts'
import { measurePrices } from './measure-prices.ts'

let prices: Prices
beforeAll(async () => void (prices = await measurePrices(catalog)))

const requests = (id: string, situation: Situation) =>
  (prices.operations[id]!.requests[situation] ?? []).map(({ request, tokens }) => `${request} ${tokens}`)

test('every operation has a price', () => {
  expect(Object.keys(prices.operations)).toEqual(catalog.map(({ id }) => id))
})

test('a deal costs one read, and what it is linked to the first time', () => {
  expect(requests('GetDeal', 'first')).toEqual([
    'GET /api/v1/users/{id} 2',
    'GET /api/v1/users/{id} 2',
    'GET /api/v2/activities/{id} 1',
    'GET /api/v2/activities/{id} 1',
    'GET /api/v2/deals/{id} 1',
    'GET /api/v2/organizations/{id} 1',
    'GET /api/v2/persons/{id} 1',
    'GET /api/v2/stages 5',
  ])
  expect(requests('GetDeal', 'again')).toEqual([
    'GET /api/v2/activities/{id} 1',
    'GET /api/v2/activities/{id} 1',
    'GET /api/v2/deals/{id} 1',
  ])
})

test('a poll that finds nothing is one page, and the first of all asks whose key it is', () => {
  expect(requests('TrigNewActivity', 'idle')).toEqual(['GET /api/v2/activities 10'])
  expect(requests('TrigNewActivity', 'start')).toEqual(['GET /api/v1/users/me 2', 'GET /api/v2/activities 10'])
  expect(prices.pollEverySeconds).toBe(120)
})

test('a poll that finds a change costs what one that finds something new does, and names only the first time', () => {
  for (const id of ['TrigDealUpdated', 'TrigDealMoved', 'TrigDealWon', 'TrigDealLost', 'TrigDealDeleted']) {
    expect(requests(id, 'start')).toEqual(['GET /api/v1/users/me 2', 'GET /api/v2/deals 10'])
    expect(requests(id, 'idle')).toEqual(['GET /api/v2/deals 10'])
    expect(requests(id, 'first')).toContain('GET /api/v2/deals 10')
    expect(requests(id, 'first').length).toBeGreaterThan(2)
  }
  for (const id of ['TrigActivityUpdated', 'TrigActivityDone']) expect(requests(id, 'idle')).toEqual(['GET /api/v2/activities 10'])
})

test('a variant is listed for a value that changes the requests, and for no other', () => {
  expect(prices.operations['UpdateDealStatus']!.variants).toEqual([{ key: 'status', value: 'deleted', tokens: 17 }])
  expect(prices.operations['AddDealV2']!.variants).toEqual([{ key: 'status', value: 'deleted', tokens: 18 }])
  expect(prices.operations['GetDeal']!.variants).toEqual([])
})

test('nothing is dearer the second time', () => {
  for (const [id, { requests: made }] of Object.entries(prices.operations))
    expect([id, totalOf(made.again!) <= totalOf(made.first!)]).toEqual([id, true])
})

test('the price list is the same each time', async () => {
  expect(await measurePrices(catalog)).toEqual(prices)
})
