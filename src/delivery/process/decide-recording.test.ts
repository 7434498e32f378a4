import { expect, test } from 'vitest'
import { decideRecording, type KnownEvents, type ReconciledEvent, type EventIdentity } from './decide-recording.ts'

const at = (seconds: number, ms = 0) => new Date(Date.UTC(2026, 10, 22, 11, 0, seconds, ms))
const nothing: KnownEvents = { keys: new Set(), reconciled: [] }
const webhook = (id: string, stateAt: Date, values: Partial<EventIdentity> = {}): EventIdentity => ({
  recordId: 7,
  eventType: 'won',
  dedupKey: id,
  contentKey: `content of ${id}`,
  origin: 'webhook',
  stateAt,
  webhookAt: stateAt,
  ...values,
})
const reconciled = (seq: number, stateAt: Date, values: Partial<ReconciledEvent> = {}): ReconciledEvent => ({
  seq,
  recordId: 7,
  eventType: 'won',
  stateAt,
  hasDeliveries: true,
  base: undefined,
  ...values,
})
const dedupKeys = (events: readonly EventIdentity[]) => events.map(({ dedupKey }) => dedupKey)

test('a repeated webhook is recorded once, with the same dedupKey or with the same contentKey, in one batch or later', () => {
  const [first, again, copy] = [webhook('a', at(1)), webhook('a', at(1)), webhook('b', at(1), { contentKey: 'content of a' })]
  expect(dedupKeys(decideRecording([first, again, copy], nothing).newEvents)).toEqual(['a'])
  expect(decideRecording([again, copy], { ...nothing, keys: new Set(['a', 'content of a']) }).newEvents).toEqual([])
})

test('a reconciled event absorbs one webhook, and not the next', () => {
  const recorded = { ...nothing, reconciled: [reconciled(1, at(9))] }
  const { newEvents, absorbed } = decideRecording([webhook('a', at(3)), webhook('b', at(5))], recorded)
  expect(absorbed.map(({ event, seq }) => [event.dedupKey, seq])).toEqual([['a', 1]])
  expect(dedupKeys(newEvents)).toEqual(['b'])
})

test('a webhook of a later change, of another record or of another event type is new', () => {
  const recorded = { ...nothing, reconciled: [reconciled(1, at(9))] }
  const detected = [webhook('a', at(10)), webhook('b', at(3), { recordId: 8 }), webhook('c', at(3), { eventType: 'lost' })]
  expect(dedupKeys(decideRecording(detected, recorded).newEvents)).toEqual(['a', 'b', 'c'])
})

test('a webhook of a change before the state that the list was compared with is new', () => {
  const base = { stateAt: at(5), webhookAt: at(5, 300) }
  const recorded = { ...nothing, reconciled: [reconciled(1, at(9), { base })] }
  expect(dedupKeys(decideRecording([webhook('a', at(5), { webhookAt: at(5, 200) })], recorded).newEvents)).toEqual(['a'])
  expect(decideRecording([webhook('b', at(5), { webhookAt: at(5, 400) })], recorded).newEvents).toEqual([])
})

test('a list row includes all of its second: it absorbs no webhook of that second', () => {
  const recorded = { ...nothing, reconciled: [reconciled(1, at(9), { base: { stateAt: at(5), webhookAt: null } })] }
  expect(dedupKeys(decideRecording([webhook('a', at(5), { webhookAt: at(5, 900) })], recorded).newEvents)).toEqual(['a'])
})

test('the webhook of a record that reconciliation recorded as added is absorbed once, at any time', () => {
  const recorded = { keys: new Set(['source:7:added']), reconciled: [reconciled(1, at(9), { eventType: 'added', hasDeliveries: false })] }
  const added = webhook('source:7:added', at(11), { eventType: 'added', contentKey: null })
  expect(decideRecording([added, added], recorded)).toEqual({ newEvents: [], absorbed: [{ event: added, seq: 1, hasDeliveries: false }] })
  expect(decideRecording([added], { ...recorded, reconciled: [] })).toEqual({ newEvents: [], absorbed: [] })
})

test('a reconciled event is never absorbed', () => {
  const recorded = { ...nothing, reconciled: [reconciled(1, at(9))] }
  expect(dedupKeys(decideRecording([webhook('r', at(8), { origin: 'reconciled' })], recorded).newEvents)).toEqual(['r'])
})
