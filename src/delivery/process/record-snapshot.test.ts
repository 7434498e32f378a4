import { expect, test } from 'vitest'
import { classifyEvent } from './classify-event.ts'
import { snapshotAfter, snapshotOfRow, statedFields, type RecordSnapshot } from './record-snapshot.ts'
import { activity, activityData, deal, dealData, digest, eventOf } from './webhook.fixture.ts'

const row = deal.fromWebhook(dealData)
const change = (title: string, previous: Record<string, unknown>, timestamp: string, second = '2026-11-22T11:00:00Z') =>
  eventOf('change', { ...dealData, title, update_time: second }, previous, { timestamp })
const after = (known: RecordSnapshot | undefined, ...events: ReturnType<typeof change>[]) =>
  events.reduce<RecordSnapshot | undefined>((state, event) => snapshotAfter(state, event, classifyEvent(deal, event), null), known)

test('the state of the later webhook wins, in any order of arrival', () => {
  const first = change('Tables', { title: 'Chairs' }, '2026-11-22T11:00:00.100Z')
  const second = change('Beds', { title: 'Tables' }, '2026-11-22T11:00:00.300Z')
  expect(after(undefined, first, second)?.record['title']).toBe('Beds')
  expect(after(undefined, second, first)?.record['title']).toBe('Beds')
})

test('the time of the record takes precedence over that of the webhook, which may be late', () => {
  const first = change('Tables', {}, '2026-11-22T11:00:09.000Z', '2026-11-22T11:00:01Z')
  const second = change('Beds', {}, '2026-11-22T11:00:05.000Z', '2026-11-22T11:00:04Z')
  expect(after(undefined, second, first)?.record['title']).toBe('Beds')
})

test('of two webhooks of one millisecond the later one begins where the other ends', () => {
  const first = change('Tables', { title: 'Chairs' }, '2026-11-22T11:00:00.100Z')
  const second = change('Beds', { title: 'Tables' }, '2026-11-22T11:00:00.100Z')
  expect(after(undefined, first, second)?.record['title']).toBe('Beds')
  expect(after(undefined, second, first)?.record['title']).toBe('Beds')
})

test('a settled row of a list is later than every webhook of its second, one that was read at once is not', () => {
  const event = change('Tables', {}, '2026-11-22T11:00:00.100Z')
  const known = (settled: boolean) => snapshotOfRow(deal, row, digest, { settled })
  expect(after(known(true), event)?.record['title']).toBe('Chairs')
  expect(after(known(false), event)?.record['title']).toBe('Tables')
})

test('a field that a webhook does not contain is not stored as null', () => {
  const stated = statedFields(activity.fromWebhook(activityData), activityData)
  expect(stated).toHaveProperty('due_time', null)
  expect(stated).not.toHaveProperty('note')
  expect(stated).not.toHaveProperty('marked_as_done_time')
})
