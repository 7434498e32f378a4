import { createHash } from 'node:crypto'
import { dealRecord } from '../../catalog/records/deal.ts'
import type { Happening, RecordKind, RecordRow } from '../../catalog/records/record-kind.ts'
import { canonical } from '../../engine/intents/intent-name.ts'
import { decideHappenings } from '../events/decide-happenings.ts'
import { decideRecording, type ReconciledEvent } from '../events/decide-recording.ts'
import { contentHash, fingerprintAfter, stateMoment, type Digest, type Fingerprint } from '../events/fingerprint.ts'
import { identityOf, twinOf } from '../events/found-event.ts'
import { isChange } from '../events/kinds.ts'
import { readWebhook } from '../events/read-webhook.ts'
import { decideReconcile } from './decide-reconcile.ts'
import { OVERLAP_MS, SETTLE_MS } from './pipedrive-now.ts'

export const deal = dealRecord as unknown as RecordKind
export const digest: Digest = (...parts) => createHash('sha256').update(canonical(parts)).digest('hex')
const SOURCE = 'source'

type Fields = Record<string, unknown>
const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** A Real is one change that was made in Pipedrive. */
export interface Real {
  recordId: number
  happenings: readonly Happening[]
}

/** A Told is one event that subscribers got. */
export interface Told {
  recordId: number
  happening: Happening
  origin: 'webhook' | 'reconciled'
}

/** A Model is a Pipedrive that holds deals, and the decisions of this folder around it, all in memory. */
export interface Model {
  readonly real: readonly Real[]
  readonly told: readonly Told[]
  /** Bodies of webhooks, in the order in which they were made. */
  readonly webhooks: readonly Fields[]
  advance(ms: number): void
  add(): number
  /** Changes a deal; nothing when that makes no difference. */
  change(id: number, changes: Fields): void
  /** A webhook arrives. */
  arrive(body: Fields): void
  reconcile(): void
}

export function createModel(): Model {
  let now = Date.parse('2026-11-22T10:00:00.000Z')
  const begun = new Date(now)
  let since = new Date(now - OVERLAP_MS)
  const rows = new Map<number, Fields>()
  const real: Real[] = []
  const webhooks: Fields[] = []
  const known = new Map<number, Fingerprint>()
  const events: (Told & { seq: number; names: string[]; asOf: Date; base: ReconciledEvent['base']; absorbed: boolean })[] = []

  const webhookOf = (action: string, data: Fields, previous: Fields | null): Fields => ({
    data: { ...data, custom_fields: typed(data['custom_fields'] as Fields) },
    previous: previous && {
      ...previous,
      ...(previous['custom_fields'] ? { custom_fields: typed(previous['custom_fields'] as Fields) } : {}),
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
  const typed = (values: Fields): Fields =>
    Object.fromEntries(Object.entries(values).map(([code, value]) => [code, value === null ? null : { type: 'varchar', value }]))

  const record = (found: Parameters<typeof decideRecording>[0][number][], base?: Fingerprint) => {
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
        origin: origin as Told['origin'],
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
      const row: Fields = {
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
      const after: Fields = { ...before, ...changes, update_time: seconds(now) }
      if (fields.includes('stage_id')) after['stage_change_time'] = seconds(now)
      if (fields.includes('status'))
        Object.assign(after, {
          won_time: after['status'] === 'won' ? seconds(now) : null,
          lost_time: after['status'] === 'lost' ? seconds(now) : null,
        })
      rows.set(id, after)
      const differs = Object.keys(after).filter((name) => name !== 'update_time' && canonical(before[name]) !== canonical(after[name]))
      const [was, is] = [before['custom_fields'] as Fields, after['custom_fields'] as Fields]
      const previous = Object.fromEntries(differs.map((name) => [name, before[name]]))
      if (differs.includes('custom_fields'))
        previous['custom_fields'] = Object.fromEntries(
          Object.keys(is)
            .filter((code) => was[code] !== is[code])
            .map((code) => [code, was[code] ?? null]),
        )
      webhooks.push(webhookOf('change', after, previous))
      const happenings: Happening[] = ['updated']
      if (fields.includes('stage_id')) happenings.push('moved')
      if (fields.includes('status') && (after['status'] === 'won' || after['status'] === 'lost')) happenings.push(after['status'])
      real.push({ recordId: id, happenings })
    },
    arrive(body) {
      const event = readWebhook(body, 'deal')
      const told = decideHappenings(deal, event)
      const { recordId, asOf, toldAt } = event
      record(
        told.happenings.map((happening) => ({
          recordId,
          happening,
          identity: identityOf(SOURCE, recordId, happening, event.metaId),
          twin: twinOf(SOURCE, happening, event, digest),
          origin: 'webhook',
          asOf,
          toldAt,
        })),
      )
      const read = rows.get(recordId) as unknown as RecordRow
      const hash = stateMoment(read) >= asOf ? contentHash(deal, read, digest) : null
      known.set(recordId, fingerprintAfter(known.get(recordId), event, told, hash))
    },
    reconcile() {
      for (const row of rows.values()) {
        const seen = row as unknown as RecordRow
        const moment = stateMoment(seen)
        const identity = (happening: Happening, which: string) => identityOf(SOURCE, seen.id, happening, which)
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
