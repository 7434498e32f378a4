import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { ChangeOrigin } from '../state/change-origin.ts'
import type { Company, User } from '../state/company.ts'
import type { Row } from '../state/records.ts'
import type { TableChange } from '../state/table.ts'
import { v1Time } from '../time.ts'
import type { EntityPayload } from './entities.ts'
import type { EventAction, Meta, Payload } from './webhook-rows.ts'

/** A WebhookEvent is a payload before it is addressed to a webhook, and the users who may receive it. */
export interface WebhookEvent {
  payload: Payload
  visibleTo(userId: number): boolean
}

/** An EventContext is the time, the company and the origin of an event. */
export interface EventContext {
  company: Company
  nowMs: number
  origin: ChangeOrigin | undefined
}

type Data = Record<string, unknown>

/** The previous values of the fields that differ; custom fields one by one, null without a value. */
function changed(before: Data, after: Data): Data {
  const previous: Data = {}
  for (const [field, value] of Object.entries(before)) {
    if (isDeepStrictEqual(value, after[field])) continue
    if (field !== 'custom_fields') previous[field] = value
    else {
      const [old, now] = [value as Data, after[field] as Data]
      const codes = new Set([...Object.keys(old), ...Object.keys(now)])
      previous[field] = Object.fromEntries(
        [...codes].filter((code) => !isDeepStrictEqual(old[code], now[code])).map((code) => [code, old[code] ?? null]),
      )
    }
  }
  return previous
}

const without = (data: Data, fields: readonly string[] = []): Data =>
  Object.fromEntries(Object.entries(data).filter(([field]) => !fields.includes(field)))

function metaOf(action: EventAction, entity: Meta['entity'], entityId: string, actor: number, context: EventContext): Meta {
  const { company, origin, nowMs } = context
  return {
    action,
    company_id: String(company.id),
    correlation_id: origin?.correlationId ?? randomUUID(),
    entity_id: entityId,
    entity,
    id: randomUUID(),
    is_bulk_edit: false,
    timestamp: new Date(nowMs).toISOString(),
    type: 'general',
    user_id: String(origin?.user.id ?? actor),
    version: '2.0',
    webhook_id: '',
    webhook_owner_id: '',
    change_source: origin?.changeSource ?? 'app',
    attempt: 1,
    host: `${company.domain}.pipedrive.com`,
  }
}

function actionOf<R extends Row>(change: TableChange<R>): EventAction | undefined {
  const { is_deleted } = change.row
  if (change.kind === 'change' && 'is_deleted' in change.before) return is_deleted ? 'delete' : 'change'
  // The deletion already had its event; the permanent removal 30 days later has none.
  if (is_deleted) return undefined
  return ({ insert: 'create', change: 'change', remove: 'delete' } as const)[change.kind]
}

/** A merge has events for its two records only, not for the related records that move. */
function mergeOf<R extends Row>(
  { table, row }: TableChange<R>,
  action: EventAction,
  origin: ChangeOrigin | undefined,
): Partial<Meta> | undefined {
  const merge = origin?.merge
  if (!merge) return {}
  if (merge.table !== table) return undefined
  if (row.id === merge.from && action === 'delete') return { merged_to_id: String(merge.to) }
  return row.id === merge.to && action === 'change' ? { merged_from_id: String(merge.from) } : undefined
}

/** The event of a change to a table, or undefined if no payload field changed. */
export function eventOf<R extends Row>(entity: EntityPayload<R>, change: TableChange<R>, context: EventContext): WebhookEvent | undefined {
  const action = actionOf(change)
  const merge = action && mergeOf(change, action, context.origin)
  if (!merge) return undefined
  const { row } = change
  const show = (of: Readonly<R>): Data => entity.data(of, { company: context.company, action })
  const stateBefore: Readonly<R> = change.kind === 'change' ? { ...row, ...change.before } : row
  let data: Data | null = null
  let previous: Data | null = null
  if (action === 'create') data = show(row)
  else if (action === 'delete') previous = without(show(entity.deleteShowsNewState ? row : stateBefore), entity.omittedOnDelete)
  else {
    data = show(row)
    const all = changed(show(stateBefore), data)
    const isAlwaysSent = context.origin?.merge !== undefined || (change.kind === 'change' && 'is_deleted' in change.before)
    if (Object.keys(all).length === 0 && !isAlwaysSent) return undefined
    previous = without(all, entity.omittedFromPrevious)
  }
  const viewer = { company: context.company, now: Math.floor(context.nowMs / 1000) }
  const viewers = new Set(
    [...context.company.users.values()]
      .filter((user) => user.active_flag && (entity.canSee?.(row, { ...viewer, user }) ?? true))
      .map(({ id }) => id),
  )
  const actor = (row as { owner_id?: number }).owner_id ?? (row as { user_id?: number }).user_id ?? 0
  const meta = metaOf(action, entity.object, entity.uuid?.(row) ?? String(row.id), actor, context)
  return {
    payload: { data, previous, meta: { ...meta, permitted_user_ids: [...viewers].map(String), ...merge } },
    visibleTo: (userId) => viewers.has(userId),
  }
}

const userData = (user: User): Data => ({
  id: String(user.id),
  default_currency: user.default_currency,
  name: user.name,
  email: user.email,
  phone: user.phone,
  locale: user.locale,
  lang: user.locale.replace('_', '-'),
  active_flag: user.active_flag,
  last_login: v1Time(user.modified),
  timezone_name: user.timezone_name,
  icon_url: null,
  created: v1Time(user.created),
  modified: v1Time(user.modified),
  access: null,
})

/**
 * The event of a new or changed user. Deactivating a user is a change. Unlike in other events the time is in seconds since 1970, meta.id is the
 * user's id, and permissions do not filter it.
 */
export function userEvent(user: User, before: Partial<User> | undefined, context: EventContext): WebhookEvent {
  const data = userData(user)
  const entityId = String(user.id)
  const meta = metaOf(before ? 'change' : 'create', 'user', entityId, user.id, context)
  const previous = before ? changed(userData({ ...user, ...before }), data) : null
  return {
    payload: { data, previous, meta: { ...meta, id: entityId, timestamp: Math.floor(context.nowMs / 1000) } },
    visibleTo: () => true,
  }
}
