import { rfc3339, wholeSeconds } from '../time.ts'
import type { ChangeOrigin } from './change-origin.ts'
import type { Company } from './company.ts'
import type { ChangeRow, CustomValues, Owned, Row } from './records.ts'
import type { Table, TableChange } from './table.ts'

/** The kinds of records whose changes are logged field by field. */
export const loggedKinds = ['deals', 'persons', 'organizations'] as const
export type LoggedKind = (typeof loggedKinds)[number]

export const recordKey = (kind: LoggedKind, id: number): string => `${kind} ${id}`

/** Columns that change automatically, or are not fields. */
const UNLOGGED = new Set([
  'update_time',
  'readable_from',
  'is_deleted',
  'deleted_at',
  'followers',
  'files_count',
  'email_messages_count',
  'stage_change_time',
  'close_time',
  'first_won_time',
  'archive_time',
  'custom_fields',
])
/** The v1 names of fields: the log uses those. */
const V1_NAMES: Readonly<Record<string, string>> = { owner_id: 'user_id', label_ids: 'label', emails: 'email', phones: 'phone' }

const textOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value)

interface Difference {
  key: string
  before: unknown
  after: unknown
  is_custom: boolean
}

function differences(row: Readonly<Record<string, unknown>>, before: Readonly<Record<string, unknown>>): Difference[] {
  const plain = Object.keys(before)
    .filter((name) => !UNLOGGED.has(name))
    .map((name) => ({ key: V1_NAMES[name] ?? name, before: before[name], after: row[name], is_custom: false }))
  const previous = before['custom_fields'] as CustomValues | undefined
  if (!previous) return plain
  const current = row['custom_fields'] as CustomValues
  const codes = new Set([...Object.keys(previous), ...Object.keys(current)])
  return [...plain, ...[...codes].map((code) => ({ key: code, before: previous[code], after: current[code], is_custom: true }))]
}

/** Logs the changes in a company from now on. */
export function logChanges(company: Company, clock: { now(): number }, currentOrigin: () => ChangeOrigin | undefined): void {
  const log = (kind: LoggedKind) => (change: TableChange) => {
    if (change.kind !== 'change') return
    const now = wholeSeconds(clock.now())
    const time = rfc3339(now)
    const origin = currentOrigin()
    const base = { add_time: time, update_time: time, is_deleted: false, readable_from: now, deleted_at: null }
    const { row } = change
    for (const { key, before, after, is_custom } of differences({ ...row }, { ...change.before })) {
      const [old_value, new_value] = [textOf(before), textOf(after)]
      if (old_value === new_value) continue
      company.changes.insert({
        ...base,
        record: recordKey(kind, row.id),
        field_key: key,
        old_value,
        new_value,
        actor_user_id: origin?.user.id ?? (row as Owned).owner_id,
        change_source: origin ? 'api' : 'app',
        is_custom,
      })
    }
  }
  for (const kind of loggedKinds) (company[kind] as unknown as Table<Row>).observe(log(kind))
}

/** The changes of a record, newest first. */
export const changesOf = ({ changes }: Company, kind: LoggedKind, id: number): ChangeRow[] =>
  [...changes.where('record', recordKey(kind, id))].sort((a, b) => b.id - a.id)
