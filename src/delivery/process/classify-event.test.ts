import { expect, test } from 'vitest'
import { classifyEvent, undocumentedTypes } from './classify-event.ts'
import { activity, activityData, deal, dealData, eventOf } from './webhook.fixture.ts'

const ofDeal = (data: Record<string, unknown>, previous: Record<string, unknown> | null) =>
  classifyEvent(deal, eventOf('change', { ...dealData, ...data }, previous)).eventTypes
const ofActivity = (data: Record<string, unknown>, previous: Record<string, unknown> | null) =>
  classifyEvent(activity, eventOf('change', { ...activityData, ...data }, previous, { entity: 'activity' })).eventTypes

test.each<[string, Record<string, unknown>, Record<string, unknown> | null, string[]]>([
  ['a new title', {}, { title: 'Tables' }, ['updated']],
  ['another stage', { stage_id: 2 }, { stage_id: 1 }, ['updated', 'moved']],
  ['another pipeline', { stage_id: 5, pipeline_id: 2 }, { stage_id: 1, pipeline_id: 1 }, ['updated', 'moved']],
  ['won', { status: 'won' }, { status: 'open' }, ['updated', 'won']],
  ['won after lost', { status: 'won' }, { status: 'lost' }, ['updated', 'won']],
  ['lost', { status: 'lost' }, { status: 'open' }, ['updated', 'lost']],
  ['opened again', {}, { status: 'won' }, ['updated']],
  ['moved and won at once', { status: 'won', stage_id: 3 }, { status: 'open', stage_id: 1 }, ['updated', 'moved', 'won']],
  ['still won', { status: 'won', title: 'Tables' }, { title: 'Chairs' }, ['updated']],
  ['a custom field', {}, { custom_fields: { c0105: null } }, ['updated']],
  ['deleted, reported as a change', { status: 'deleted' }, { status: 'won' }, ['deleted']],
  ['restored', {}, { status: 'deleted' }, ['updated']],
  ['restored as won', { status: 'won' }, { status: 'deleted' }, ['updated']],
  ['without a difference', {}, {}, ['updated']],
  ['an unknown change', { status: 'won' }, null, ['updated']],
])('a change of a deal, %s, is %j with previous %j: %j', (_, data, previous, eventTypes) => {
  expect(ofDeal(data, previous)).toEqual(eventTypes)
})

test.each<[Record<string, unknown>, Record<string, unknown>, string[]]>([
  [{ done: true }, { done: false }, ['updated', 'done']],
  [{ done: 1 }, { done: 0 }, ['updated', 'done']],
  [{}, { done: true }, ['updated']],
  [{ done: true }, { subject: 'x' }, ['updated']],
])('a change of an activity to %j from %j is %j', (data, previous, eventTypes) => {
  expect(ofActivity(data, previous)).toEqual(eventTypes)
})

test('a created record is added, and also won, lost or done if it was created as that', () => {
  const created = (data: Record<string, unknown>) => classifyEvent(deal, eventOf('create', { ...dealData, ...data }, null)).eventTypes
  expect(created({})).toEqual(['added'])
  expect(created({ status: 'won', stage_id: 3 })).toEqual(['added', 'won'])
  expect(created({ status: 'lost' })).toEqual(['added', 'lost'])
  const activityCreated = (done: boolean) =>
    classifyEvent(activity, eventOf('create', { ...activityData, done }, null, { entity: 'activity' })).eventTypes
  expect([activityCreated(false), activityCreated(true)]).toEqual([['added'], ['added', 'done']])
})

test('a deleted or merged record has its last state, marked as deleted', () => {
  const change = classifyEvent(deal, eventOf('delete', null, dealData, { merged_to_id: '9' }))
  expect(change).toMatchObject({ eventTypes: ['deleted'], after: { id: 7, title: 'Chairs', is_deleted: true }, before: undefined })
  expect(classifyEvent(deal, eventOf('delete', null, null))).toMatchObject({ eventTypes: ['deleted'], after: { id: 7 } })
})

test('the state before has the custom fields that did not change', () => {
  const { before } = classifyEvent(
    deal,
    eventOf(
      'change',
      { ...dealData, custom_fields: { a: { type: 'int', value: 1 }, b: { type: 'int', value: 2 } } },
      { custom_fields: { b: null } },
    ),
  )
  expect(before).toMatchObject({ custom_fields: { a: { type: 'int', value: 1 }, b: null } })
})

test('a value of another type than Pipedrive documents is empty in the record, and noted with its type', () => {
  const wrong = { title: { a: 'text' }, value: ['1'], stage_id: true, currency: 5, person_id: null }
  const event = eventOf('change', { ...dealData, ...wrong }, { title: 'Chairs' })
  const change = classifyEvent(deal, event)
  expect(change.after).toMatchObject({ title: null, value: null, stage_id: null, currency: null })
  expect(undocumentedTypes(event, change)).toEqual({ title: 'object', value: 'array', stage_id: 'boolean', currency: 'number' })
  const done = eventOf('change', { ...activityData, done: { a: 1 } }, null, { entity: 'activity' })
  expect(classifyEvent(activity, done).after).toMatchObject({ done: null })
})

test.each([
  ['deal', deal, dealData],
  ['activity', activity, activityData],
] as const)("a %s of Pipedrive's examples has no value of an undocumented type", (entity, kind, data) => {
  const event = eventOf('change', { ...data }, null, { entity })
  expect(undocumentedTypes(event, classifyEvent(kind, event))).toBeUndefined()
})
