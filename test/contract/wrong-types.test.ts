import { Writable } from 'node:stream'
import * as z from 'zod'
import { beforeEach, describe, expect } from 'vitest'
import { ActivityResponse } from '../../src/catalog/contract/shapes/activity.ts'
import { DealResponse, DealResponseV2 } from '../../src/catalog/contract/shapes/deal.ts'
import * as lists from '../../src/catalog/contract/shapes/lists.ts'
import { StageResponse } from '../../src/catalog/contract/shapes/stage.ts'
import { createLogger } from '../../src/kit/logger.ts'
import { findSeedRecords, type SeedRecords } from './seed-records.ts'
import { verifies } from './verifies.ts'
import { ALICE, createWorld, type Row, type World } from './world.ts'

const SECRET = 'text of the record'
/** Each is wrong for most fields; check-row.test.ts tries all types. */
const VALUES: readonly unknown[] = [{ a: SECRET }, [null], 1.5]
const FIELDS = ['id', 'name', 'title', 'type']

let world: World
let seed: SeedRecords
let log: string
beforeEach(async () => {
  log = ''
  const lines = new Writable({
    write(chunk: Buffer, _, done) {
      log += chunk.toString()
      done()
    },
  })
  world = await createWorld({ logger: createLogger('info', lines) })
  seed = await findSeedRecords(world)
})

const linesWithContent = () =>
  log
    .split('\n')
    .filter((line) => line.includes(SECRET))
    .slice(0, 3)

/** The paths where a value is neither of its type nor null. */
function misfits(value: unknown, type: z.ZodType, path = ''): string[] {
  if (value === null) return []
  if (type instanceof z.ZodNullable) return misfits(value, type.unwrap() as z.ZodType, path)
  if (type instanceof z.ZodArray)
    return Array.isArray(value) ? value.flatMap((one) => misfits(one, type.element as z.ZodType, `${path}[]`)) : [path]
  if (type instanceof z.ZodObject)
    return Object.entries(type.shape as Record<string, z.ZodType>).flatMap(([key, inner]) =>
      misfits((value as Row)[key], inner, `${path}.${key}`),
    )
  return type.safeParse(value).success ? [] : [`${path}: ${JSON.stringify(value)}`]
}

/** Sends `value` in place of this field in every record of every answer. */
function send(field: string, value: unknown) {
  world.intercept(async (_, pass) => {
    const response = await pass()
    const answer = (await response.json()) as { data: Row | Row[] | null }
    const change = (row: Row): Row => (field in row ? { ...row, [field]: value } : row)
    const data = Array.isArray(answer.data) ? answer.data.map(change) : answer.data && change(answer.data)
    return Response.json({ ...answer, data }, { status: response.status, headers: { date: response.headers.get('date')! } })
  })
}

/** Every field of every record that the contract's operations read. */
async function fieldsSent(): Promise<string[]> {
  const names = new Set(FIELDS)
  const include = 'next_activity_id,last_activity_id,products_count,files_count,notes_count,followers_count,activities_count'
  for (const path of [
    `/api/v2/deals/${seed.deal}?include_fields=${include}`,
    `/api/v2/persons/${seed.person}`,
    `/api/v2/stages/${seed.stage}`,
    '/api/v1/users/me',
  ])
    for (const name of Object.keys(await world.pipedrive('GET', path))) names.add(name)
  for (const path of ['/api/v2/activities', '/api/v1/activityTypes', '/api/v1/currencies', '/api/v2/pipelines'])
    for (const name of Object.keys(((await world.pipedrive('GET', path)) as unknown as Row[])[0]!)) names.add(name)
  return [...names]
}

describe('a value of another type than Pipedrive documents', () => {
  verifies(
    'output.wrong-type',
    'is null in every call, or the call is an error that says why; it is noted without its content',
    async () => {
      const { id } = await world.pipedrive('POST', '/api/v2/deals', {
        title: 'New',
        person_id: seed.person,
        org_id: seed.organization,
        stage_id: seed.stage,
      })
      await world.pipedrive('POST', '/api/v2/activities', { type: 'call', subject: 'Next', deal_id: id, due_date: '2027-01-01' })
      const calls: [string, Row, z.ZodType][] = [
        ['GetDeal', { dealId: id }, DealResponse],
        ['GetStage', { stageId: seed.stage }, StageResponse],
        ['UpdateDealStatus', { dealId: id, status: 'open' }, DealResponse],
        ['AddActivity', { type: 'call', subject: 'New' }, ActivityResponse],
        ...Object.entries(lists).map(([name, shape]): [string, Row, z.ZodType] => [name.replace('Response', ''), {}, shape]),
      ]
      for (const field of await fieldsSent())
        for (const value of VALUES) {
          send(field, value)
          // Caches and windows of limits are those of an hour ago.
          world.clock.advance(7 * 3_600_000)
          await world.restart()
          for (const [operation, input, shape] of calls) {
            const { status, body, text } = await world.call(operation, input)
            const right = status === 200 ? misfits(body, shape) : [400, 404, 409, 502].includes(status) ? [] : [text]
            expect([field, value, operation, status, right]).toEqual([field, value, operation, status, []])
          }
        }
      expect(log.includes('"title":"object"')).toBe(true)
      expect(linesWithContent()).toEqual([])
    },
  )

  verifies('output.wrong-type', 'is null in the rows of polls, and the other rows come', async () => {
    for (const [trigger, path, shape] of [
      ['/connector-v2/trigger/v1/deals', '/api/v2/deals', DealResponseV2],
      ['/trigger/v2/deals/updated', '/api/v2/deals', DealResponseV2],
      ['/trigger/v1/activities', '/api/v2/activities', ActivityResponse],
    ] as const)
      for (const field of ['title', 'subject', 'value', 'status', 'add_time', 'stage_id', 'person_id', 'due_time', 'done', 'visible_to']) {
        world.intercept()
        world.clock.advance(300_000)
        const location = (await world.http(trigger, { headers: { 'x-api-key': ALICE } })).headers.get('location')!
        world.clock.advance(300_000)
        if (trigger.endsWith('updated'))
          await world.pipedrive('PATCH', `/api/v2/deals/${seed.deal}`, { title: `${field} ${Math.random()}` })
        else await world.pipedrive('POST', path, path.endsWith('deals') ? { title: 'New' } : { subject: 'New', type: 'call' })
        world.clock.advance(300_000)
        send(field, { a: SECRET })
        const { status, body } = await world.http<Row[]>(location, { headers: { 'x-api-key': ALICE } })
        expect([trigger, field, status, body.length, misfits(body, z.array(shape))]).toEqual([trigger, field, 200, 1, []])
      }
    expect(linesWithContent()).toEqual([])
  })
})
