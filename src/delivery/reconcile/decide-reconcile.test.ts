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

/** A row of a list of API v2: the fields of webhooks, and those that only lists contain. */
const rowOf = (changes: DealFields = {}, name = 'deal'): TriggerRow =>
  ({ ...kindOf(name).fromWebhook(dataOf(name)), is_archived: false, priority: null, custom_fields: {}, ...changes }) as TriggerRow

/** The snapshot after a webhook; `read` is what API v2 returned then, if it was read. */
const reported = (
  data: DealFields = {},
  { read, name = 'deal', action = 'change' }: { read?: TriggerRow; name?: string; action?: string } = {},
): RecordSnapshot => {
  const event = eventOf(action, { ...dataOf(name), ...data }, {}, { entity: name })
  return snapshotAfter(undefined, event, classifyEvent(kindOf(name), event), read ? contentHash(kindOf(name), read, digest) : null)
}
const listed = (changes: DealFields = {}) => snapshotOfRow(deal, rowOf(changes), digest)
const eventTypes = (row: TriggerRow, known: RecordSnapshot | undefined, name = 'deal') =>
  decideReconcile(kindOf(name), row, known, SINCE, digest).eventTypes

test('a row that equals what webhooks reported is not new, whether the content was read or not', () => {
  expect(eventTypes(rowOf(), reported())).toEqual([])
  expect(eventTypes(rowOf(), reported({}, { read: rowOf() }))).toEqual([])
})

test('a row that was compared before is skipped', () => {
  expect(decideReconcile(deal, rowOf(), listed(), SINCE, digest)).toEqual({ eventTypes: [], snapshot: undefined })
})

test.each<[string, DealFields, RecordSnapshot, string[]]>([
  ['another title', { title: 'Tables', update_time: LATER }, listed(), ['updated']],
  ['a custom field only', { custom_fields: { a: 1 }, update_time: LATER }, listed(), ['updated']],
  [
    'a custom field only, after a webhook and its reading',
    { custom_fields: { a: 1 }, update_time: LATER },
    reported({}, { read: rowOf() }),
    ['updated'],
  ],
  ['another stage', { stage_id: 2, stage_change_time: LATER, update_time: LATER }, listed(), ['updated', 'moved']],
  ['won', { status: 'won', won_time: LATER, update_time: LATER }, reported(), ['updated', 'won']],
  [
    'won at a time that a user set back',
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
    'still won, at a future time that a user set',
    { status: 'won', won_time: '2030-01-01T00:00:00Z', title: 'Tables', update_time: LATER },
    listed({ status: 'won', won_time: '2030-01-01T00:00:00Z' }),
    ['updated'],
  ],
  ['opened again', { update_time: LATER }, listed({ status: 'won', won_time: '2026-11-22T11:00:00Z' }), ['updated']],
  ['restored as won', { status: 'won', update_time: LATER }, listed({ is_deleted: true, status: 'deleted' }), ['updated']],
  ['restored', { update_time: LATER }, listed({ is_deleted: true, status: 'deleted' }), ['updated']],
  ['touched by Pipedrive alone', { update_time: LATER }, listed(), []],
  ['touched after a webhook whose content was read', { update_time: LATER }, reported({}, { read: rowOf() }), []],
  ['later than a webhook whose content was not read', { update_time: LATER }, reported(), ['updated']],
  ['an older state', { title: 'Tables', update_time: '2026-11-22T10:30:00Z' }, reported(), []],
  ['another change in the second of the last webhook', { title: 'Tables' }, reported({}, { read: rowOf() }), ['updated']],
])('%s: the row says %j', (_, changes, known, expected) => {
  expect(eventTypes(rowOf(changes), known)).toEqual(expected)
})

test('a change that the content read for an earlier webhook already showed is found when its own webhook is lost', () => {
  const row = rowOf({ title: 'Tables', update_time: LATER })
  expect(eventTypes(row, reported({}, { read: row }))).toEqual(['updated'])
})

test('without a snapshot, changes since the start are found, and the creation is not an update but can be a win', () => {
  const created = { add_time: LATER }
  expect(eventTypes(rowOf({ update_time: LATER }), undefined)).toEqual(['updated'])
  expect(eventTypes(rowOf({ update_time: LATER, stage_change_time: LATER, won_time: LATER, status: 'won' }), undefined)).toEqual([
    'updated',
    'moved',
    'won',
  ])
  expect(eventTypes(rowOf({ update_time: LATER, stage_change_time: '2026-11-01T00:00:00Z' }), undefined)).toEqual(['updated'])
  expect(eventTypes(rowOf({ ...created, update_time: '2026-11-22T12:00:01Z' }), undefined)).toEqual([])
  expect(eventTypes(rowOf({ ...created, update_time: null }), undefined)).toEqual([])
  expect(eventTypes(rowOf({ ...created, update_time: LATER, status: 'won', won_time: LATER }), undefined)).toEqual(['won'])
  expect(eventTypes(rowOf({ ...created, update_time: LATER, status: 'won', won_time: '2020-01-01T00:00:00Z' }), undefined)).toEqual(['won'])
  const done = { ...created, update_time: LATER, done: true, marked_as_done_time: LATER }
  expect(eventTypes(rowOf(done, 'activity'), undefined, 'activity')).toEqual(['done'])
})

test('a stamp by Pipedrive on a new deal is not a change, although its webhook contains no update_time', () => {
  const known = reported({ update_time: null }, { action: 'create' })
  expect(eventTypes(rowOf({ update_time: '2026-11-22T10:00:01Z' }), known)).toEqual([])
  expect(eventTypes(rowOf({ update_time: '2026-11-22T10:00:01Z', title: 'Tables' }), known)).toEqual(['updated'])
})

test('the time that webhooks do not contain does not make a done activity done again', () => {
  const done = { done: true, marked_as_done_time: '2026-11-22T11:00:00Z' }
  expect(eventTypes(rowOf(done, 'activity'), reported({ done: true }, { name: 'activity' }), 'activity')).toEqual([])
  expect(
    eventTypes(
      rowOf({ ...done, update_time: LATER, subject: 'x' }, 'activity'),
      reported({ done: true }, { name: 'activity' }),
      'activity',
    ),
  ).toEqual(['updated'])
  expect(eventTypes(rowOf({ ...done, update_time: LATER }, 'activity'), reported({}, { name: 'activity' }), 'activity')).toEqual([
    'updated',
    'done',
  ])
  const again = { done: true, marked_as_done_time: LATER, update_time: LATER }
  expect(eventTypes(rowOf(again, 'activity'), reported({ done: true }, { name: 'activity' }), 'activity')).toEqual(['updated', 'done'])
})

test('a change lists the names of the contract, then those of Pipedrive, and no field that the known state does not contain', () => {
  const row = rowOf({ title: 'Tables', status: 'won', probability: 50, custom_fields: { a: 1 }, update_time: LATER })
  expect(changeSince(deal, row, listed()).changed).toEqual(['status', 'title', 'active', 'probability', 'custom_fields.a'])
  expect(changeSince(deal, row, reported()).changed).toEqual(['status', 'title', 'active', 'probability'])
  expect(changeSince(deal, row, { ...listed(), record: { title: 'Chairs', status: 'won' } }).changed).toEqual(['title'])
})
