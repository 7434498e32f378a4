import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, type Row, type WireError, type World } from './world.ts'

const MINUTE_MS = 60_000

let world: World
const codes = new Map<string, string>()
const addField = async (field_name: string, field_type: string, labels?: string[]): Promise<string> => {
  const body = { field_name, field_type, ...(labels && { options: labels.map((label) => ({ label })) }) }
  return String((await world.pipedrive('POST', '/api/v2/dealFields', body))['field_code'])
}
/** By type: what is sent under the field's name, and what Pipedrive stores. A function gets the ids of the options. */
const VALUES: Record<string, [sent: unknown, stored: unknown][]> = {
  varchar: [
    ['text', 'text'],
    [7, '7'],
  ],
  varchar_auto: [['auto', 'auto']],
  text: [['long text', 'long text']],
  phone: [['+49 30 1', '+49 30 1']],
  double: [
    [1.5, 1.5],
    ['1.50', 1.5],
  ],
  monetary: [
    [12.5, { value: 12.5, currency: 'EUR' }],
    [
      { value: '3', currency: 'USD' },
      { value: 3, currency: 'USD' },
    ],
  ],
  date: [['2026-12-31T10:00:00Z', '2026-12-31']],
  daterange: [['2026-12-01/2026-12-31', { value: '2026-12-01', until: '2026-12-31' }]],
  time: [['9:30', expect.objectContaining({ value: '09:30:00' })]],
  timerange: [[{ value: '09:00', until: '10:30' }, expect.objectContaining({ value: '09:00:00', until: '10:30:00' })]],
  enum: [
    ['north', 1],
    ['North', 1],
    [2, 2],
  ],
  set: [
    ['north, South', [1, 2]],
    [['South'], [2]],
    [[1], [1]],
  ],
  address: [['Main Street 1', expect.objectContaining({ value: 'Main Street 1' })]],
  user: [['Bob Becker', expect.any(Number)]],
  org: [[1, 1]],
  people: [['1', 1]],
}
const TYPES = Object.keys(VALUES)
const nameOf = (type: string) => `Own ${type}`
const optionIds = new Map<string, number[]>()

beforeAll(async () => {
  world = await createWorld({ config: { callsPerMinute: 10_000 } })
  for (const type of TYPES) {
    const labels = type === 'enum' || type === 'set' ? ['North', 'South'] : undefined
    const code = await addField(nameOf(type), type, labels)
    codes.set(type, code)
    if (!labels) continue
    const { options } = await world.pipedrive('GET', `/api/v2/dealFields/${code}`)
    optionIds.set(
      type,
      (options as { id: number }[]).map(({ id }) => id),
    )
  }
})
beforeEach(() => void world.takeRequests())

/** The positions 1 and 2 of options become their ids. */
const withIds = (type: string, value: unknown): unknown => {
  const ids = optionIds.get(type)
  if (!ids) return value
  const idOf = (one: unknown) => (typeof one === 'number' ? ids[one - 1] : one)
  return Array.isArray(value) ? value.map(idOf) : idOf(value)
}
const storedIn = async (id: unknown, type: string) =>
  ((await world.pipedrive('GET', `/api/v2/deals/${Number(id)}`))['custom_fields'] as Row)[codes.get(type)!]

describe('custom fields by name', () => {
  test.each(TYPES)('of type %s are created, changed and cleared', async (type) => {
    for (const [sent, stored] of VALUES[type]!) {
      const custom_fields = { [nameOf(type).toUpperCase()]: withIds(type, sent) }
      const { status, text, body } = await world.call('AddDealV2', { title: 'New', custom_fields })
      expect([status, text]).toEqual([200, expect.anything()])
      expect(await storedIn(body['id'], type)).toEqual(withIds(type, stored))

      const change = (value: unknown) =>
        world.call('UpdateDealStatus', { dealId: body['id'], status: 'open', custom_fields: { [nameOf(type)]: value } })
      expect((await change(null)).status).toBe(200)
      expect(await storedIn(body['id'], type)).toBeNull()
      expect((await change(withIds(type, sent))).status).toBe(200)
      expect(await storedIn(body['id'], type)).toEqual(withIds(type, stored))
    }
  })

  test('a number that no account has is refused by the sandbox', async () => {
    for (const custom_fields of [{ 'Own double': 1e300 }, { 'Own monetary': 1e300 }])
      expect((await world.call('AddDealV2', { title: 'New', custom_fields })).status).toBe(400)
  })

  test('codes alone cost no look-up; names cost one list a day', async () => {
    const asked = () => world.takeRequests().filter(({ path }) => path.endsWith('/dealFields')).length
    await world.restart()
    await world.call('AddDealV2', { title: 'New', custom_fields: { [codes.get('varchar')!]: 'text' } })
    expect(asked()).toBe(0)
    for (let i = 0; i < 3; i++) await world.call('AddDealV2', { title: 'New', custom_fields: { 'Own varchar': 'text' } })
    expect(asked()).toBe(1)
  })

  test('a field and an option that are newer than the definitions are found after at most a minute', async () => {
    await world.call('AddDealV2', { title: 'New', custom_fields: { 'Own varchar': 'text' } })
    world.clock.advance(MINUTE_MS)
    await addField('Newer', 'varchar')
    expect((await world.call('AddDealV2', { title: 'New', custom_fields: { Newer: 'x' } })).status).toBe(200)
    world.clock.advance(MINUTE_MS)
    await world.pipedrive('POST', `/api/v2/dealFields/${codes.get('enum')}/options`, [{ label: 'West' }] as unknown as Row)
    expect((await world.call('AddDealV2', { title: 'New', custom_fields: { 'Own enum': 'west' } })).status).toBe(200)
  })

  test('a wrong name, option or value is refused by name, all at once, and nothing is written', async () => {
    await addField('Twice', 'varchar')
    await addField('Twice', 'varchar')
    world.clock.advance(MINUTE_MS)
    const custom_fields = {
      'Own varchr': 'x',
      'Own enum': 'East',
      'Own date': 'tomorrow',
      'Own user': 'Nobody',
      'Own daterange': '2026-12-01',
      Twice: 'x',
    }
    const { status, body } = await world.call<WireError>('AddDealV2', { title: 'New', custom_fields })
    expect([status, body.code]).toEqual([400, 'InvalidInput'])
    expect(Object.fromEntries(body.details.map(({ field, message }) => [field, message]))).toEqual({
      'custom_fields.Own varchr': 'is no custom field of deals; did you mean "Own varchar"?',
      'custom_fields.Own enum': expect.stringContaining('its options: "North", "South"'),
      'custom_fields.Own date': expect.stringContaining('write it like 2026-11-30'),
      'custom_fields.Own user': expect.stringContaining('has no user "Nobody"'),
      'custom_fields.Own daterange': expect.stringContaining('"from/until"'),
      'custom_fields.Twice': expect.stringMatching(/^is the name of 2 fields; use a code: [0-9a-f]{40} or [0-9a-f]{40}$/),
    })
    expect(world.takeWrites()).toEqual([])
  })
})
