import type { Cache } from './cache.ts'
import type { ListedRecord } from './pipedrive.ts'

/** A ShownRow is a record that an answer has just shown. */
export interface ShownRow {
  id: number
}

/** An AnswerObserver gets what the answers to one key show: records, and ids that Pipedrive does not know any more. */
export interface AnswerObserver {
  shown(object: string, rows: readonly ShownRow[]): void
  gone(object: string, id: number | string): void
}

/** The caches of an object, by `Target.object`: whether records are cached by id, and the list that contains all of them. */
const CACHED: Partial<Record<string, { list?: keyof ListedRecord; byId?: boolean }>> = {
  user: { list: 'user', byId: true },
  stage: { list: 'stage', byId: true },
  pipeline: { list: 'pipeline' },
  'activity type': { list: 'activityType' },
  currency: { list: 'currency' },
  person: { byId: true },
  organization: { byId: true },
}

/** A ListPosition is the place of a row in its list. */
type ListPosition = { pipeline_id?: number; order_nr?: number }
/** The order of a cached list. Users and currencies have no order_nr: they stay in Pipedrive's order. */
export const byOrder = (a: object, b: object): number => {
  const [first, second]: [ListPosition, ListPosition] = [a, b]
  return (first.pipeline_id ?? 0) - (second.pipeline_id ?? 0) || (first.order_nr ?? 0) - (second.order_nr ?? 0)
}

/** What an answer has just shown replaces what is cached for this key; entries keep their expiry. `prefix` names the cache of a kind. */
export function refreshCache(cache: Cache, prefix: (kind: string) => string): AnswerObserver {
  const refreshList = (kind: keyof ListedRecord, refresh: (rows: readonly ShownRow[]) => ShownRow[]) =>
    cache.update<ShownRow[]>(prefix(`${kind} list`), '', (rows) => rows && refresh(rows).sort(byOrder))
  return {
    shown(object, rows) {
      const cached = CACHED[object]
      if (!cached) return
      const byId = new Map(rows.map((row) => [row.id, row]))
      if (cached.byId) for (const row of byId.values()) cache.update(prefix(object), row.id, () => row)
      if (cached.list)
        refreshList(cached.list, (listed) => {
          const known = new Set(listed.map(({ id }) => id))
          return [...listed.map((row) => byId.get(row.id) ?? row), ...rows.filter(({ id }) => !known.has(id))]
        })
      // The user of the key is a user with some more fields.
      if (object === 'user')
        cache.update<ShownRow>(prefix('me'), '', (me) => {
          const row = me && byId.get(me.id)
          return row ? { ...me, ...row } : me
        })
    },
    gone(object, id) {
      const cached = CACHED[object]
      if (cached?.byId) cache.update(prefix(object), id, () => undefined)
      if (cached?.list) refreshList(cached.list, (listed) => listed.filter((row) => row.id !== id))
    },
  }
}
