import { expect, test } from 'vitest'
import type { TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { classifyEvent } from '../process/classify-event.ts'
import { contentHash, snapshotAfter, snapshotOfRow, type RecordSnapshot } from '../process/record-snapshot.ts'
import { activity, activityData, deal, dealData, digest, eventOf } from '../process/webhook.fixture.ts'
import { changeSince, decideReconcile } from './decide-reconcile.ts'

type DealFields = Record<string, unknown>

const SINCE = new Date('2026-11-22T10:58:00Z')
const LATER = '2026-11-22T12:00:00Z'
const kindOf = (name: string) => (name === 'activity' ? activity : deal)
const dataOf = (name: string) => (name === 'activity' ? activityData : dealData)

/** A row of a list of API v2: what webhooks say, and what only lists say. */
const rowOf = (changes: DealFields = {}, name = 'deal'): TriggerRow =>
  ({ ...kindOf(name).fromWebhook(dataOf(name)), is_archived: false, priority: null, custom_fields: {}, ...changes }) as TriggerRow

/** As a webhook has told it; `read` is what API v2 showed then, if it was asked. */
const told = (
  data: DealFields = {},
  { read, name = 'deal', action = 'change' }: { read?: TriggerRow; name?: string; action?: string } = {},
): RecordSnapshot => {
  const event = eventOf(action, { ...dataOf(name), ...data }, {}, { entity: name })
  return snapshotAfter(undefined, event, classifyEvent(kindOf(name), event), read ? contentHash(kindOf(name), read, digest) : null)
}
const listed = (changes: DealFields = {}) => snapshotOfRow(deal, rowOf(changes), digest)
const happenings = (row: TriggerRow, known: RecordSnapshot | undefined, name = 'deal') =>
  decideReconcile(kindOf(name), row, known, SINCE, digest).happenings

test('what webhooks have told and lists show alike is nothing new, read or not', () => {
  expect(happenings(rowOf(), told())).toEqual([])
  expect(happenings(rowOf(), told({}, { read: rowOf() }))).toEqual([])
})

test('a row that was compared before is skipped', () => {
  expect(decideReconcile(deal, rowOf(), listed(), SINCE, digest)).toEqual({ happenings: [], fingerprint: undefined })
})

test.each<[string, DealFields, RecordSnapshot, string[]]>([
  ['another title', { title: 'Tables', update_time: LATER }, listed(), ['updated']],
  ['a custom field only', { custom_fields: { a: 1 }, update_time: LATER }, listed(), ['updated']],
  [
    'a custom field only, after a webhook and its reading',
    { custom_fields: { a: 1 }, update_time: LATER },
    told({}, { read: rowOf() }),
    ['updated'],
  ],
  ['another stage', { stage_id: 2, stage_change_time: LATER, update_time: LATER }, listed(), ['updated', 'moved']],
  ['won', { status: 'won', won_time: LATER, update_time: LATER }, told(), ['updated', 'won']],
  [
    'won at a time that somebody set back',
    { status: 'won', won_time: '2020-01-01T00:00:00Z', update_time: LATER },
    listed(),
    ['updated', 'won'],
  ],
  ['moved away and back', { stage_change_time: LATER, update_time: LATER }, listed(), ['updated', 'moved']],
  [
    'won again, after it had been opened',
    { status: 'won', won_time: LATER, update_time: LATER },
    listed({ status: 'won', won_time: '2026-11-22T11:00:00Z' }),
    ['updated', 'won'],
  ],
  [
    'another time won, set by hand to the past',
    { status: 'won', won_time: '2026-11-01T00:00:00Z', update_time: LATER },
    listed({ status: 'won', won_time: '2026-11-22T11:00:00Z' }),
    ['updated'],
  ],
  [
    'still won, at a time to come that somebody set',
    { status: 'won', won_time: '2030-01-01T00:00:00Z', title: 'Tables', update_time: LATER },
    listed({ status: 'won', won_time: '2030-01-01T00:00:00Z' }),
    ['updated'],
  ],
  ['opened again', { update_time: LATER }, listed({ status: 'won', won_time: '2026-11-22T11:00:00Z' }), ['updated']],
  ['restored', { update_time: LATER }, listed({ is_deleted: true, status: 'deleted' }), ['updated']],
  ['touched by Pipedrive alone', { update_time: LATER }, listed(), []],
  ['touched after a webhook whose content was read', { update_time: LATER }, told({}, { read: rowOf() }), []],
  ['later than a webhook whose content nobody read', { update_time: LATER }, told(), ['updated']],
  ['an older state', { title: 'Tables', update_time: '2026-11-22T10:30:00Z' }, told(), []],
  ['another change in the second of the last webhook', { title: 'Tables' }, told({}, { read: rowOf() }), ['updated']],
])('%s: the row says %j', (_, changes, known, expected) => {
  expect(happenings(rowOf(changes), known)).toEqual(expected)
})

test('a change that the reading for an earlier webhook showed already is told when its own webhook is lost', () => {
  const row = rowOf({ title: 'Tables', update_time: LATER })
  expect(happenings(row, told({}, { read: row }))).toEqual(['updated'])
})

test('of a record of which nothing is known, what happened since the beginning is told, and its creation is no change', () => {
  const created = { add_time: LATER }
  expect(happenings(rowOf({ update_time: LATER }), undefined)).toEqual(['updated'])
  expect(happenings(rowOf({ update_time: LATER, stage_change_time: LATER, won_time: LATER, status: 'won' }), undefined)).toEqual([
    'updated',
    'moved',
    'won',
  ])
  expect(happenings(rowOf({ update_time: LATER, stage_change_time: '2026-11-01T00:00:00Z' }), undefined)).toEqual(['updated'])
  expect(happenings(rowOf({ ...created, update_time: '2026-11-22T12:00:01Z' }), undefined)).toEqual([])
  expect(happenings(rowOf({ ...created, update_time: null }), undefined)).toEqual([])
  expect(happenings(rowOf({ ...created, update_time: LATER, status: 'won', won_time: LATER }), undefined)).toEqual([])
})

test('the stamp of Pipedrive on a new deal is no change, although its webhook says no update_time', () => {
  const known = told({ update_time: null }, { action: 'create' })
  expect(happenings(rowOf({ update_time: '2026-11-22T10:00:01Z' }), known)).toEqual([])
  expect(happenings(rowOf({ update_time: '2026-11-22T10:00:01Z', title: 'Tables' }), known)).toEqual(['updated'])
})

test('the time that webhooks do not say of a done activity makes it not done anew', () => {
  const done = { done: true, marked_as_done_time: '2026-11-22T11:00:00Z' }
  expect(happenings(rowOf(done, 'activity'), told({ done: true }, { name: 'activity' }), 'activity')).toEqual([])
  expect(
    happenings(rowOf({ ...done, update_time: LATER, subject: 'x' }, 'activity'), told({ done: true }, { name: 'activity' }), 'activity'),
  ).toEqual(['updated'])
  expect(happenings(rowOf({ ...done, update_time: LATER }, 'activity'), told({}, { name: 'activity' }), 'activity')).toEqual([
    'updated',
    'done',
  ])
  const again = { done: true, marked_as_done_time: LATER, update_time: LATER }
  expect(happenings(rowOf(again, 'activity'), told({ done: true }, { name: 'activity' }), 'activity')).toEqual(['updated', 'done'])
})

test('a change is named in the words of the contract, then in those of Pipedrive, and nothing that the known state does not say', () => {
  const row = rowOf({ title: 'Tables', status: 'won', probability: 50, custom_fields: { a: 1 }, update_time: LATER })
  expect(changeSince(deal, row, listed()).changed).toEqual(['status', 'title', 'active', 'probability', 'custom_fields.a'])
  expect(changeSince(deal, row, told()).changed).toEqual(['status', 'title', 'active', 'probability'])
  expect(changeSince(deal, row, { ...listed(), record: { title: 'Chairs', status: 'won' } }).changed).toEqual(['title'])
})
