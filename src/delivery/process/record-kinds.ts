import type { Trigger } from '../../catalog/define.ts'
import type { EventType, RecordKind, RecordName } from '../../catalog/contract/records/record-kind.ts'
import { baselineOf } from './baselines.ts'

/** The kind of record of this name, as the triggers have it. */
export function kindOf(triggers: readonly Trigger[], name: RecordName): RecordKind {
  const trigger = triggers.find(({ record }) => record.name === name)
  if (!trigger) throw new RangeError(`no trigger tells of the record ${name}`)
  return trigger.record as RecordKind
}

/** Happenings that are a difference between two states of a record. */
export const isChange = (happening: string): boolean => baselineOf(happening as EventType) === 'changed_since'
