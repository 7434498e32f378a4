import { isDeepStrictEqual } from 'node:util'
import type { EventType, RecordKind, TriggerRow } from '../../src/catalog/contract/records/record-kind.ts'

/** A TriggerForm is a way in which a trigger finds its events, beside webhooks: lists compared for subscriptions, or a host's polls. */
export type TriggerForm = 'lists' | 'poll'

/** A RecordInterval is what happened to one record between two comparisons. Rows are those of API v2. */
export interface RecordInterval {
  kind: RecordKind
  eventType: EventType
  /** The states of the record, one after another: the first is that of the last comparison; undefined if the record did not exist then. */
  states: readonly (TriggerRow | undefined)[]
  /** Webhooks reported such an event in an earlier interval. */
  wasReported: boolean
}

/** A FormDifference is one reason why a form tells other events than webhooks do. The table in docs/triggers.md has a row for each. */
export interface FormDifference {
  /** The first cell of its row. */
  what: string
  /** The form misses the events of such an interval; it adds one that no webhook reports; or it may do either. */
  effect: Partial<Record<TriggerForm, 'missed' | 'added' | 'either'>>
  applies(interval: RecordInterval): boolean
}

type Fields = TriggerRow & { status?: string; is_archived?: boolean; won_time?: string | null; lost_time?: string | null }

const last = ({ states }: RecordInterval): Fields => states.at(-1)!
const isHidden = (row: Fields | undefined): boolean => row !== undefined && (row.is_deleted || row.is_archived === true)
const seconds = (time: string | null): number => Date.parse(time ?? '') / 1_000
const closingTime = (row: Fields, eventType: EventType): string | null => (eventType === 'won' ? row.won_time : row.lost_time) ?? null

/** A change gave a win or loss another time than its own. That of a creation counts from the creation on. */
const isSetByHand = ({ states, eventType }: RecordInterval): boolean =>
  (eventType === 'won' || eventType === 'lost') &&
  states.some((row: Fields | undefined, at) => {
    const before: Fields | undefined = states[at - 1]
    if (!row || !before || row.status !== eventType) return false
    const time = closingTime(row, eventType)
    return (closingTime(before, eventType) !== time || before.status !== row.status) && time !== row.update_time
  })

/** Everything that the forms of one trigger do not tell alike. What is in none of these is a fault. */
export const formDifferences: readonly FormDifference[] = [
  {
    what: 'won and reopened, done and undone, deleted and restored',
    effect: { lists: 'missed', poll: 'missed' },
    applies: (interval) => {
      const { kind, eventType } = interval
      if (eventType === 'deleted') return !last(interval).is_deleted
      return !isHidden(last(interval)) && eventType !== 'added' && kind.when[eventType]!(last(interval)) === null
    },
  },
  {
    what: 'deleted or archived after another event',
    effect: { lists: 'missed', poll: 'missed' },
    applies: (interval) => (interval.eventType === 'deleted' ? last(interval).is_archived === true : isHidden(last(interval))),
  },
  {
    what: 'restored or taken from the archive',
    effect: { lists: 'either', poll: 'either' },
    applies: ({ states, eventType }) =>
      eventType !== 'deleted' &&
      (states.slice(0, -1).some(isHidden) || isHidden(states[0])) &&
      (eventType !== 'updated' || !isHidden(states.at(-1))),
  },
  {
    what: 'changed within a second of its creation',
    effect: { lists: 'missed', poll: 'missed' },
    applies: (interval) => {
      const { update_time: updated, add_time: added } = last(interval)
      return interval.eventType === 'updated' && (updated === null || seconds(updated) - seconds(added) <= 1)
    },
  },
  {
    what: 'changed and changed back',
    effect: { lists: 'missed' },
    applies: (interval) => {
      const { kind, eventType, states } = interval
      const [first] = states
      if (eventType !== 'updated' || !first) return false
      return isDeepStrictEqual(kind.fingerprintFields(first), kind.fingerprintFields(last(interval)))
    },
  },
  {
    what: 'won or lost at a time that a user sets',
    effect: { lists: 'either', poll: 'either' },
    applies: isSetByHand,
  },
  {
    what: 'assigned, moved or retyped into or out of a filter',
    effect: { lists: 'either', poll: 'either' },
    applies: ({ kind, states }) => {
      const values = states.flatMap((row) => (row ? [JSON.stringify(Object.values(kind.filters).map((value) => value(row)))] : []))
      return new Set(values).size > 1
    },
  },
  {
    what: 'deleted again after it was restored',
    effect: { lists: 'added', poll: 'added' },
    applies: ({ eventType, wasReported }) => eventType === 'deleted' && wasReported,
  },
]
