import type { EventType } from '../../catalog/contract/records/record-kind.ts'
import type { Source } from '../deps.ts'

/** A Baseline is the column of a source that marks where events begin, so that later ones can be found in Pipedrive's lists. */
export type Baseline = 'watch' | 'changed_since' | 'deleted_since'
/** Baselines are those of a source; null where no subscription needs one. */
export type Baselines = Pick<Source, Baseline>

/** Event types with the same baseline share it: one comparison serves all of them. */
const BASELINE_OF: Readonly<Record<EventType, Baseline>> = {
  added: 'watch',
  updated: 'changed_since',
  moved: 'changed_since',
  won: 'changed_since',
  lost: 'changed_since',
  done: 'changed_since',
  deleted: 'deleted_since',
}

export const BASELINES: readonly Baseline[] = [...new Set(Object.values(BASELINE_OF))]

export const baselineOf = (eventType: EventType): Baseline => BASELINE_OF[eventType]

export const eventTypesOfBaseline = (baseline: Baseline): EventType[] =>
  (Object.keys(BASELINE_OF) as EventType[]).filter((eventType) => BASELINE_OF[eventType] === baseline)

/** Whether events of this type are a difference between two states of a record. */
export const isChange = (eventType: string): boolean => baselineOf(eventType as EventType) === 'changed_since'
