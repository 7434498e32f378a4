import type { EventType } from '../../catalog/contract/records/record-kind.ts'
import type { Source } from '../deps.ts'

/** A Baseline is the column of a source that says what was there before, so that what happens later can be found in Pipedrive's lists. */
export type Baseline = 'watch' | 'changed_since' | 'deleted_since'
/** Baselines are all that a source has; null where nobody needs one. */
export type Baselines = Pick<Source, Baseline>

/** Happenings with the same baseline share it: what was compared for one of them was compared for all. */
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

export const baselineOf = (happening: EventType): Baseline => BASELINE_OF[happening]

export const happeningsOfBaseline = (baseline: Baseline): EventType[] =>
  (Object.keys(BASELINE_OF) as EventType[]).filter((happening) => BASELINE_OF[happening] === baseline)
