import type { Trigger } from '../../catalog/define.ts'
import type { RecordKind, RecordName } from '../../catalog/contract/records/record-kind.ts'

/** The kind of record of this name, as the triggers define it. */
export function recordKindOf(triggers: readonly Trigger[], name: RecordName): RecordKind {
  const trigger = triggers.find(({ record }) => record.name === name)
  if (!trigger) throw new RangeError(`no trigger is about the record ${name}`)
  return trigger.record as RecordKind
}
