import { expect, test } from 'vitest'
import { decideRecording, type KnownEvents, type ReconciledEvent, type EventIdentity } from './decide-recording.ts'

const at = (seconds: number, ms = 0) => new Date(Date.UTC(2026, 10, 22, 11, 0, seconds, ms))
const nothing: KnownEvents = { names: new Set(), reconciled: [] }
const webhook = (id: string, asOf: Date, values: Partial<EventIdentity> = {}): EventIdentity => ({
  recordId: 7,
  happening: 'won',
  identity: id,
  twin: `twin of ${id}`,
  origin: 'webhook',
  asOf,
  toldAt: asOf,
  ...values,
})
const reconciled = (seq: number, asOf: Date, values: Partial<ReconciledEvent> = {}): ReconciledEvent => ({
  seq,
  recordId: 7,
  happening: 'won',
  asOf,
  heard: true,
  base: undefined,
  ...values,
})
const names = (events: readonly EventIdentity[]) => events.map(({ identity }) => identity)

test('a repeated webhook is told once, under the same name or as a twin under another, in one batch or later', () => {
  const [first, again, twin] = [webhook('a', at(1)), webhook('a', at(1)), webhook('b', at(1), { twin: 'twin of a' })]
  expect(names(decideRecording([first, again, twin], nothing).news)).toEqual(['a'])
  expect(decideRecording([again, twin], { ...nothing, names: new Set(['a', 'twin of a']) }).news).toEqual([])
})

test('a reconciled event takes in one webhook, and not the next', () => {
  const recorded = { ...nothing, reconciled: [reconciled(1, at(9))] }
  const { news, absorbed } = decideRecording([webhook('a', at(3)), webhook('b', at(5))], recorded)
  expect(absorbed.map(({ event, seq }) => [event.identity, seq])).toEqual([['a', 1]])
  expect(names(news)).toEqual(['b'])
})

test('a webhook of a later change, of another record or happening is news', () => {
  const recorded = { ...nothing, reconciled: [reconciled(1, at(9))] }
  const found = [webhook('a', at(10)), webhook('b', at(3), { recordId: 8 }), webhook('c', at(3), { happening: 'lost' })]
  expect(names(decideRecording(found, recorded).news)).toEqual(['a', 'b', 'c'])
})

test('a webhook of a change before the state that lists were compared with is news', () => {
  const base = { asOf: at(5), toldAt: at(5, 300) }
  const recorded = { ...nothing, reconciled: [reconciled(1, at(9), { base })] }
  expect(names(decideRecording([webhook('a', at(5), { toldAt: at(5, 200) })], recorded).news)).toEqual(['a'])
  expect(decideRecording([webhook('b', at(5), { toldAt: at(5, 400) })], recorded).news).toEqual([])
})

test('a list row holds all of its second: no webhook of it came after', () => {
  const recorded = { ...nothing, reconciled: [reconciled(1, at(9), { base: { asOf: at(5), toldAt: null } })] }
  expect(names(decideRecording([webhook('a', at(5), { toldAt: at(5, 900) })], recorded).news)).toEqual(['a'])
})

test('the webhook of a record that lists have told as added is taken in once, whenever it was', () => {
  const recorded = { names: new Set(['source:7:added']), reconciled: [reconciled(1, at(9), { happening: 'added', heard: false })] }
  const added = webhook('source:7:added', at(11), { happening: 'added', twin: null })
  expect(decideRecording([added, added], recorded)).toEqual({ news: [], absorbed: [{ event: added, seq: 1, heard: false }] })
  expect(decideRecording([added], { ...recorded, reconciled: [] })).toEqual({ news: [], absorbed: [] })
})

test('what lists found is never taken in', () => {
  const recorded = { ...nothing, reconciled: [reconciled(1, at(9))] }
  expect(names(decideRecording([webhook('r', at(8), { origin: 'reconciled' })], recorded).news)).toEqual(['r'])
})
