import type { EventType, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { canonical } from '../../engine/idempotency/idempotency-key.ts'
import { classifyEvent } from '../process/classify-event.ts'
import { decideRecording, type ReconciledEvent } from '../process/decide-recording.ts'
import { isChange } from '../process/baselines.ts'
import { dedupKeyOf, contentKeyOf } from '../process/detected-event.ts'
import { parseWebhook } from '../process/parse-webhook.ts'
import { contentHash, snapshotAfter, stateTime, type RecordSnapshot } from '../process/record-snapshot.ts'
import { deal, digest } from '../process/webhook.fixture.ts'
import { decideReconcile } from './decide-reconcile.ts'
import { OVERLAP_MS, SETTLE_MS } from './pipedrive-now.ts'
import type { RecordId } from '../../kit/record-id.ts'

const SOURCE = 'source'

type ModelFields = Record<string, unknown>
const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** A ModelChange is one change that was made in Pipedrive. */
export interface ModelChange {
  recordId: RecordId
  eventTypes: readonly EventType[]
}

/** An ExpectedEvent is one event that subscribers received. */
export interface ExpectedEvent {
  recordId: RecordId
  eventType: EventType
  origin: 'webhook' | 'reconciled'
}

/** A Model is a Pipedrive with deals, and the decisions of this folder around it, all in memory. */
export interface Model {
  readonly changes: readonly ModelChange[]
  readonly recorded: readonly ExpectedEvent[]
  /** Bodies of webhooks, in the order in which they were made. */
  readonly webhooks: readonly ModelFields[]
  advance(ms: number): void
  /** Adds a deal, with this status from its creation. */
  add(status: 'open' | 'won' | 'lost'): number
  /** Changes a deal; does nothing if that makes no difference. */
  change(id: number, changes: ModelFields): void
  /** A webhook arrives. */
  arrive(body: ModelFields): void
  reconcile(): void
}

export function createModel(): Model {
  let now = Date.parse('2026-11-22T10:00:00.000Z')
  const startedAt = new Date(now)
  let since = new Date(now - OVERLAP_MS)
  const rows = new Map<RecordId, ModelFields>()
  const changesMade: ModelChange[] = []
  const webhooks: ModelFields[] = []
  const known = new Map<RecordId, RecordSnapshot>()
  const events: (ExpectedEvent & { seq: number; keys: string[]; stateAt: Date; base: ReconciledEvent['base']; absorbed: boolean })[] = []

  const webhookOf = (action: string, data: ModelFields, previous: ModelFields | null): ModelFields => ({
    data: { ...data, custom_fields: typed(data['custom_fields'] as ModelFields) },
    previous: previous && {
      ...previous,
      ...(previous['custom_fields'] ? { custom_fields: typed(previous['custom_fields'] as ModelFields) } : {}),
    },
    meta: {
      action,
      company_id: '1',
      entity: 'deal',
      entity_id: String(data['id']),
      id: `event-${webhooks.length}`,
      timestamp: new Date(now).toISOString(),
      version: '2.0',
      attempt: 1,
    },
  })
  const typed = (values: ModelFields): ModelFields =>
    Object.fromEntries(Object.entries(values).map(([code, value]) => [code, value === null ? null : { type: 'varchar', value }]))

  const record = (detected: Parameters<typeof decideRecording>[0][number][], base?: RecordSnapshot) => {
    const keys = new Set(events.flatMap((event) => event.keys))
    const reconciled = events
      .filter(({ origin, absorbed }) => origin === 'reconciled' && !absorbed)
      .map(({ seq, recordId, eventType, stateAt, base: from }) => ({ seq, recordId, eventType, stateAt, hasDeliveries: true, base: from }))
    const { newEvents, absorbed } = decideRecording(detected, { keys, reconciled })
    for (const { event, seq } of absorbed)
      Object.assign(events[seq]!, { absorbed: true, keys: [event.dedupKey, ...(event.contentKey === null ? [] : [event.contentKey])] })
    for (const { recordId, eventType, origin, dedupKey, contentKey, stateAt } of newEvents)
      events.push({
        seq: events.length,
        recordId,
        eventType,
        origin: origin as ExpectedEvent['origin'],
        keys: [dedupKey, ...(contentKey === null ? [] : [contentKey])],
        stateAt: stateAt!,
        base: base && { stateAt: base.stateAt, webhookAt: base.webhookAt },
        absorbed: false,
      })
  }

  return {
    changes: changesMade,
    webhooks,
    get recorded() {
      return events
    },
    advance: (ms) => void (now += ms),
    add(status) {
      now += 1
      const id = rows.size + 1
      const row: ModelFields = {
        ...deal.fromWebhook({
          id,
          title: 'Chairs',
          owner_id: 1,
          creator_user_id: 1,
          status,
          stage_id: 1,
          pipeline_id: 1,
          value: 0,
        }),
        add_time: seconds(now),
        won_time: status === 'won' ? seconds(now) : null,
        lost_time: status === 'lost' ? seconds(now) : null,
        custom_fields: {},
      }
      rows.set(id, row)
      changesMade.push({ recordId: id, eventTypes: status === 'open' ? ['added'] : ['added', status] })
      webhooks.push(webhookOf('create', row, null))
      return id
    },
    change(id, changes) {
      // Pipedrive makes no two changes of one record in one millisecond.
      now += 1
      const before = rows.get(id)!
      const fields = Object.keys(changes).filter((name) => canonical(before[name]) !== canonical(changes[name]))
      if (fields.length === 0) return
      const after: ModelFields = { ...before, ...changes, update_time: seconds(now) }
      if (fields.includes('stage_id')) after['stage_change_time'] = seconds(now)
      if (fields.includes('status'))
        Object.assign(after, {
          won_time: after['status'] === 'won' ? seconds(now) : null,
          lost_time: after['status'] === 'lost' ? seconds(now) : null,
        })
      rows.set(id, after)
      const differs = Object.keys(after).filter((name) => name !== 'update_time' && canonical(before[name]) !== canonical(after[name]))
      const [was, is] = [before['custom_fields'] as ModelFields, after['custom_fields'] as ModelFields]
      const previous = Object.fromEntries(differs.map((name) => [name, before[name]]))
      if (differs.includes('custom_fields'))
        previous['custom_fields'] = Object.fromEntries(
          Object.keys(is)
            .filter((code) => was[code] !== is[code])
            .map((code) => [code, was[code] ?? null]),
        )
      webhooks.push(webhookOf('change', after, previous))
      const eventTypes: EventType[] = ['updated']
      if (fields.includes('stage_id')) eventTypes.push('moved')
      if (fields.includes('status') && (after['status'] === 'won' || after['status'] === 'lost')) eventTypes.push(after['status'])
      changesMade.push({ recordId: id, eventTypes })
    },
    arrive(body) {
      const event = parseWebhook(body, 'deal')
      const change = classifyEvent(deal, event)
      const { recordId, stateAt, webhookAt } = event
      record(
        change.eventTypes.map((eventType) => ({
          recordId,
          eventType,
          dedupKey: dedupKeyOf(SOURCE, recordId, eventType, event.metaId),
          contentKey: contentKeyOf(SOURCE, eventType, event, digest),
          origin: 'webhook',
          stateAt,
          webhookAt,
        })),
      )
      const read = rows.get(recordId) as unknown as TriggerRow
      const hash = stateTime(read) >= stateAt ? contentHash(deal, read, digest) : null
      known.set(recordId, snapshotAfter(known.get(recordId), event, change, hash))
    },
    reconcile() {
      for (const row of rows.values()) {
        const listed = row as unknown as TriggerRow
        const rowAt = stateTime(listed)
        const keyOf = (eventType: EventType, version: string) => dedupKeyOf(SOURCE, listed.id, eventType, version)
        record([
          {
            recordId: listed.id,
            eventType: 'added',
            dedupKey: keyOf('added', ''),
            contentKey: null,
            origin: 'reconciled',
            stateAt: startedAt,
            webhookAt: null,
          },
        ])
        if (rowAt < since || rowAt.getTime() >= Math.floor((now - SETTLE_MS) / 1_000) * 1_000) continue
        const before = known.get(listed.id)
        const { eventTypes, snapshot } = decideReconcile(deal, listed, before, since, digest)
        const version = `r:${rowAt.toISOString()}:${contentHash(deal, listed, digest)}`
        record(
          eventTypes.filter(isChange).map((eventType) => ({
            recordId: listed.id,
            eventType,
            dedupKey: keyOf(eventType, version),
            contentKey: null,
            origin: 'reconciled',
            stateAt: rowAt,
            webhookAt: null,
          })),
          before,
        )
        if (snapshot) known.set(listed.id, snapshot)
        if (rowAt.getTime() - OVERLAP_MS > since.getTime()) since = new Date(rowAt.getTime() - OVERLAP_MS)
      }
    },
  }
}
