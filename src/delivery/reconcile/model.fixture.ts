import { createHash } from 'node:crypto'
import { dealRecord } from '../../catalog/contract/records/deal.ts'
import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { canonical } from '../../engine/idempotency/idempotency-key.ts'
import { classifyEvent } from '../process/classify-event.ts'
import { decideRecording, type ReconciledEvent } from '../process/decide-recording.ts'
import { contentHash, snapshotAfter, stateTime, type Digest, type RecordSnapshot } from '../process/record-snapshot.ts'
import { dedupKeyOf, contentKeyOf } from '../process/detected-event.ts'
import { isChange } from '../process/record-kinds.ts'
import { parseWebhook } from '../process/parse-webhook.ts'
import { decideReconcile } from './decide-reconcile.ts'
import { OVERLAP_MS, SETTLE_MS } from './pipedrive-now.ts'

export const deal = dealRecord as unknown as RecordKind
export const digest: Digest = (...parts) => createHash('sha256').update(canonical(parts)).digest('hex')
const SOURCE = 'source'

type ModelFields = Record<string, unknown>
const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** A Real is one change that was made in Pipedrive. */
export interface ModelDeps {
  recordId: number
  happenings: readonly EventType[]
}

/** A Told is one event that subscribers got. */
export interface ExpectedEvent {
  recordId: number
  happening: EventType
  origin: 'webhook' | 'reconciled'
}

/** A Model is a Pipedrive that holds deals, and the decisions of this folder around it, all in memory. */
export interface Model {
  readonly real: readonly ModelDeps[]
  readonly told: readonly ExpectedEvent[]
  /** Bodies of webhooks, in the order in which they were made. */
  readonly webhooks: readonly ModelFields[]
  advance(ms: number): void
  add(): number
  /** Changes a deal; nothing when that makes no difference. */
  change(id: number, changes: ModelFields): void
  /** A webhook arrives. */
  arrive(body: ModelFields): void
  reconcile(): void
}

export function createModel(): Model {
  let now = Date.parse('2026-11-22T10:00:00.000Z')
  const begun = new Date(now)
  let since = new Date(now - OVERLAP_MS)
  const rows = new Map<number, ModelFields>()
  const real: ModelDeps[] = []
  const webhooks: ModelFields[] = []
  const known = new Map<number, RecordSnapshot>()
  const events: (ExpectedEvent & { seq: number; names: string[]; asOf: Date; base: ReconciledEvent['base']; absorbed: boolean })[] = []

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

  const record = (found: Parameters<typeof decideRecording>[0][number][], base?: RecordSnapshot) => {
    const names = new Set(events.flatMap((event) => event.names))
    const reconciled = events
      .filter(({ origin, absorbed }) => origin === 'reconciled' && !absorbed)
      .map(({ seq, recordId, happening, asOf, base: from }) => ({ seq, recordId, happening, asOf, heard: true, base: from }))
    const { news, absorbed } = decideRecording(found, { names, reconciled })
    for (const { event, seq } of absorbed)
      Object.assign(events[seq]!, { absorbed: true, names: [event.identity, ...(event.twin === null ? [] : [event.twin])] })
    for (const { recordId, happening, origin, identity, twin, asOf } of news)
      events.push({
        seq: events.length,
        recordId,
        happening,
        origin: origin as ExpectedEvent['origin'],
        names: [identity, ...(twin === null ? [] : [twin])],
        asOf: asOf!,
        base: base && { asOf: base.asOf, toldAt: base.toldAt },
        absorbed: false,
      })
  }

  return {
    real,
    webhooks,
    get told() {
      return events
    },
    advance: (ms) => void (now += ms),
    add() {
      now += 1
      const id = rows.size + 1
      const row: ModelFields = {
        ...deal.fromWebhook({
          id,
          title: 'Chairs',
          owner_id: 1,
          creator_user_id: 1,
          status: 'open',
          stage_id: 1,
          pipeline_id: 1,
          value: 0,
        }),
        add_time: seconds(now),
        custom_fields: {},
      }
      rows.set(id, row)
      real.push({ recordId: id, happenings: ['added'] })
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
      const happenings: EventType[] = ['updated']
      if (fields.includes('stage_id')) happenings.push('moved')
      if (fields.includes('status') && (after['status'] === 'won' || after['status'] === 'lost')) happenings.push(after['status'])
      real.push({ recordId: id, happenings })
    },
    arrive(body) {
      const event = parseWebhook(body, 'deal')
      const told = classifyEvent(deal, event)
      const { recordId, asOf, toldAt } = event
      record(
        told.happenings.map((happening) => ({
          recordId,
          happening,
          identity: dedupKeyOf(SOURCE, recordId, happening, event.metaId),
          twin: contentKeyOf(SOURCE, happening, event, digest),
          origin: 'webhook',
          asOf,
          toldAt,
        })),
      )
      const read = rows.get(recordId) as unknown as TriggerRow
      const hash = stateTime(read) >= asOf ? contentHash(deal, read, digest) : null
      known.set(recordId, snapshotAfter(known.get(recordId), event, told, hash))
    },
    reconcile() {
      for (const row of rows.values()) {
        const seen = row as unknown as TriggerRow
        const moment = stateTime(seen)
        const identity = (happening: EventType, which: string) => dedupKeyOf(SOURCE, seen.id, happening, which)
        record([
          {
            recordId: seen.id,
            happening: 'added',
            identity: identity('added', ''),
            twin: null,
            origin: 'reconciled',
            asOf: begun,
            toldAt: null,
          },
        ])
        if (moment < since || moment.getTime() >= Math.floor((now - SETTLE_MS) / 1_000) * 1_000) continue
        const before = known.get(seen.id)
        const { happenings, fingerprint } = decideReconcile(deal, seen, before, since, digest)
        const which = `r:${moment.toISOString()}:${contentHash(deal, seen, digest)}`
        record(
          happenings.filter(isChange).map((happening) => ({
            recordId: seen.id,
            happening,
            identity: identity(happening, which),
            twin: null,
            origin: 'reconciled',
            asOf: moment,
            toldAt: null,
          })),
          before,
        )
        if (fingerprint) known.set(seen.id, fingerprint)
        if (moment.getTime() - OVERLAP_MS > since.getTime()) since = new Date(moment.getTime() - OVERLAP_MS)
      }
    },
  }
}
