import { expect, test } from 'vitest'
import { likeness, shows, type Likeness } from './same-content.ts'

const deal = {
  id: 9,
  title: 'Chairs',
  value: 12.5,
  currency: 'EUR',
  person_id: 3,
  org_id: null,
  label_ids: [1, 2],
  won_time: '2026-11-22T10:00:00Z',
  custom_fields: { a: 'x', b: { value: 4, currency: 'EUR' }, c: 17, d: null },
}
const activity = {
  id: 9,
  subject: 'Call',
  type: 'call',
  done: false,
  busy: null,
  due_time: '10:00:00',
  duration: { value: '00:30' },
  note: '<p>a &amp; b</p>',
  participants: [
    { person_id: 3, primary: true },
    { person_id: 4, primary: false },
  ],
  location: { value: 'Main Street 1', lat: 1 },
}

test.each<[string, Record<string, unknown>, Record<string, unknown>, Likeness]>([
  ['everything that was sent', { title: 'Chairs', value: 12.5, person_id: 3 }, deal, 'same'],
  ['a number as a text, white space at the ends', { title: ' Chairs ', value: '12.50' }, deal, 'same'],
  ['what is absent on both sides', { title: 'Chairs', org_id: '' }, deal, 'same'],
  ['what Pipedrive does not show', { title: 'Chairs', probability: 40 }, deal, 'same'],
  ['labels in another order', { title: 'Chairs', label_ids: [2, 1] }, deal, 'same'],
  ['fewer labels', { title: 'Chairs', label_ids: [1] }, deal, 'similar'],
  ['another value', { title: 'Chairs', value: 13 }, deal, 'similar'],
  ['a person where none is', { title: 'Chairs', org_id: 5 }, deal, 'similar'],
  ['another title', { title: 'Tables', value: 12.5 }, deal, 'other'],
  ['a time in another form', { title: 'Chairs', won_time: '2026-11-22 10:00:00' }, deal, 'same'],
  ['another time', { title: 'Chairs', won_time: '2026-11-22T10:00:01Z' }, deal, 'similar'],
  ['custom fields', { title: 'Chairs', custom_fields: { a: 'x', b: { value: 4, currency: 'EUR' } } }, deal, 'same'],
  ['a custom field by its label, which is shown by id', { title: 'Chairs', custom_fields: { c: 'Red' } }, deal, 'same'],
  ['another custom text', { title: 'Chairs', custom_fields: { a: 'y' } }, deal, 'similar'],
  ['a custom field that was cleared, but is shown', { title: 'Chairs', custom_fields: { a: null } }, deal, 'similar'],
  ['a custom field that was cleared', { title: 'Chairs', custom_fields: { d: null } }, deal, 'same'],
  ['a date that was emptied', { title: 'Chairs', expected_close_date: '' }, { ...deal, expected_close_date: '0000-00-00' }, 'same'],
  [
    'a date that was emptied, but is shown',
    { title: 'Chairs', expected_close_date: '' },
    { ...deal, expected_close_date: '2026-12-24' },
    'similar',
  ],
  ['a duration above 99 hours', { subject: 'Call', duration: '100:30' }, { ...activity, duration: '100:30:00' }, 'same'],
  ['a custom field that is not shown', { title: 'Chairs', custom_fields: { z: 1 } }, deal, 'same'],
  [
    'an activity with times, a note and people',
    { subject: 'Call', due_time: '10:00', duration: '00:30:00', done: false },
    activity,
    'same',
  ],
  ['a note that was sanitised', { subject: 'Call', note: 'a & b' }, activity, 'same'],
  ['another note', { subject: 'Call', note: 'a & c' }, activity, 'similar'],
  ['one of the people', { subject: 'Call', participants: [{ person_id: 3, primary: true }] }, activity, 'same'],
  ['somebody else', { subject: 'Call', participants: [{ person_id: 5, primary: true }] }, activity, 'similar'],
  ['a place, which gets coordinates', { subject: 'Call', location: { value: 'Main Street 1' } }, activity, 'same'],
  ['a flag that is shown as nothing', { subject: 'Call', busy: false }, activity, 'same'],
  ['a flag that was turned', { subject: 'Call', done: true }, activity, 'similar'],
])('%s', (_, sent, record, expected) => {
  expect(likeness(sent, record)).toBe(expected)
})

test('a change is there only when all of it is to be seen', () => {
  expect(shows({ title: 'Chairs', value: 12.5 }, deal)).toBe(true)
  expect(shows({ title: 'Chairs', probability: 40 }, deal)).toBe(false)
  expect(shows({ custom_fields: { a: 'x' } }, deal)).toBe(true)
  expect(shows({ custom_fields: { c: 'Red' } }, deal)).toBe(false)
  expect(shows({ custom_fields: { z: 1 } }, deal)).toBe(false)
})
