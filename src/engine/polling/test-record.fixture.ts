import { fieldRules } from '../../catalog/mapping.ts'
import type { RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'

/** A TestRecord is the simplest record there can be: for the polling engine alone. */
export interface TestRecord extends TriggerRow {
  done_time: string | null
  color: string
}

/** Pipedrive's whole seconds. */
export const stamp = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')

export const newTestRecord = (id: number, addedAt: number, more: Partial<TestRecord> = {}): TestRecord => ({
  id,
  owner_id: 11,
  add_time: stamp(addedAt),
  update_time: null,
  is_deleted: false,
  done_time: null,
  color: 'red',
  ...more,
})

const fails = (): never => {
  throw new Error('the tests of polling list things themselves')
}

export const testRecordKind: RecordKind<TestRecord, { id: number }> = {
  name: 'deal',
  fields: { id: fieldRules<TestRecord>().field('id') },
  list: fails,
  get: fails,
  when: { added: (thing) => thing.add_time, updated: (thing) => thing.update_time, done: (thing) => thing.done_time },
  snapshotOf: { updated: (thing) => thing.color },
  transition: { done: (before, after) => before.done_time === null && after.done_time !== null },
  beforeCreation: (thing) => ({ ...thing, done_time: null }),
  filters: { owner_id: (thing) => thing.owner_id, color: (thing) => thing.color },
  fromWebhook: fails,
  fingerprintFields: (thing) => ({ ...thing }),
}
