import { beforeAll, describe, expect } from 'vitest'
import { definitions, type DefinitionName } from './requirements.ts'
import { valueAt, expectedRecordsOf } from './expected-record.ts'
import { verifies } from './verifies.ts'
import { createWorld, type Row, type World } from './world.ts'

/** The fields that no longer exist anywhere in Pipedrive. */
const GONE = ['gcal_event_id', 'google_calendar_id', 'reference_activities_count']

/** An Observed is one record as the connector showed it, and as it truly is. */
interface Observed {
  shown: Row
  true: Row
}
const seen: Record<DefinitionName, Observed[]> = { DealResponse: [], DealResponseV2: [], ActivityResponse: [], StageResponse: [] }
let world: World

/** All deals of the seed, and one that was deleted. */
async function seeDeals() {
  const expectedRecords = expectedRecordsOf(world)
  const deals = (await world.pipedrive('GET', '/api/v2/deals?limit=500')) as unknown as { id: number }[]
  await world.pipedrive('DELETE', `/api/v2/deals/${deals.at(-1)!.id}`)
  for (const { id } of deals)
    seen.DealResponse.push({ shown: (await world.call('GetDeal', { dealId: id })).body, true: await expectedRecords.deal(id) })
  world.clock.advance(60_000)
  const movable = (await world.pipedrive('GET', '/api/v2/deals?limit=500&status=open,won,lost')) as unknown as Row[]
  for (const { id, stage_id, pipeline_id } of movable) {
    const { body } = await world.call('UpdateDealStageV2', { dealId: id, stage_id, pipeline_id })
    seen.DealResponseV2.push({ shown: body, true: await expectedRecords.deal(id as number) })
  }
}

/** Activities that a trigger answers: one with everything, one that is done, one with nothing. */
async function seeActivities() {
  const first = await world.call('TrigNewActivity')
  const [deal] = (await world.pipedrive('GET', '/api/v2/deals?limit=1')) as unknown as Row[]
  const [person] = (await world.pipedrive('GET', '/api/v2/persons?limit=1')) as unknown as Row[]
  const [organization] = (await world.pipedrive('GET', '/api/v2/organizations?limit=1')) as unknown as Row[]
  const everything = {
    type: 'call',
    subject: 'Call back',
    due_date: '2026-11-30',
    due_time: '09:30',
    duration: '00:45',
    note: '<p>Bring the offer</p>',
    deal_id: deal!['id'],
    org_id: organization!['id'],
    participants: [{ person_id: person!['id'], primary: true }],
  }
  for (const body of [everything, { type: 'task', subject: 'Sign', done: true }, { type: 'meeting', subject: 'Meet' }])
    await world.pipedrive('POST', '/api/v2/activities', body)
  const { body } = await world.http<Row[]>(first.headers.get('location')!, { headers: { 'x-api-key': 'sandbox-alice' } })
  for (const shown of body) seen.ActivityResponse.push({ shown, true: await expectedRecordsOf(world).activity(shown['id'] as number) })
}

async function seeStages() {
  const stages = (await world.pipedrive('GET', '/api/v2/stages?limit=500')) as unknown as { id: number }[]
  for (const { id } of stages)
    seen.StageResponse.push({ shown: (await world.call('GetStage', { stageId: id })).body, true: await expectedRecordsOf(world).stage(id) })
}

beforeAll(async () => {
  world = await createWorld({ config: { callsPerMinute: 1000 } })
  await seeDeals()
  await seeActivities()
  await seeStages()
})

const holdsTheTruth = (definition: DefinitionName) => (row: string) => {
  const observed = seen[definition]
  expect(observed.map(({ shown }) => valueAt(shown, row))).toEqual(
    observed.map(({ true: expectedRecords }) => valueAt(expectedRecords, row)),
  )
  // A row that is null in every record would prove nothing; only the gone ones may be.
  expect(observed.some(({ shown }) => valueAt(shown, row) !== null)).toBe(!GONE.includes(row))
}

describe('each row holds the true value of the record in Pipedrive', () => {
  verifies.rows('DealResponse', 'DealResponse', holdsTheTruth('DealResponse'))
  verifies.rows('DealResponseV2', 'DealResponseV2', holdsTheTruth('DealResponseV2'))
  verifies.rows('ActivityResponse', 'ActivityResponse', holdsTheTruth('ActivityResponse'))
  verifies.rows('StageResponse', 'StageResponse', holdsTheTruth('StageResponse'))

  verifies('output.unwrapped', 'a record has its rows at the root, in the order of the contract, and nothing else', () => {
    for (const name of Object.keys(definitions) as DefinitionName[])
      for (const { shown } of seen[name]) expect(Object.keys(shown)).toEqual(Object.keys(definitions[name].shape))
  })

  verifies('output.missing-link', 'a missing link is null, not an empty object', () => {
    const links = seen.DealResponse.flatMap(({ shown }) => [shown['person_id'], shown['org_id']])
    expect(links).toContain(null)
    expect(links).not.toContainEqual({ name: null, value: null })
  })

  verifies('output.gone', 'what no longer exists upstream is null, everywhere', () => {
    const gone = Object.values(seen).flatMap((all) =>
      all.flatMap(({ shown }) => GONE.filter((row) => row in shown).map((row) => shown[row])),
    )
    expect(new Set(gone)).toEqual(new Set([null]))
  })

  verifies(['output.time', 'output.empty-time'], 'a time leaves with milliseconds and Z, an empty one as null', () => {
    const times = Object.values(seen).flatMap((all) =>
      all.flatMap(({ shown }) => Object.entries(shown).filter(([row]) => row.endsWith('_time') && !/^(next_activity|due)_/.test(row))),
    )
    expect(times.filter(([, time]) => time !== null && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time as string))).toEqual([])
    expect(times.map(([, time]) => time)).toContain(null)
  })
})
