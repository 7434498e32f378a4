import * as z from 'zod'
import { defineTrigger } from '../../src/catalog/define.ts'
import { fillRow, fieldRules } from '../../src/catalog/mapping.ts'
import { testRecordKind } from '../../src/engine/polling/test-record.fixture.ts'
import { pollTrigger } from '../../src/engine/polling/poll.ts'
import { openTriggerState } from '../../src/engine/polling/trigger-state.ts'
import { manualClock } from '../../src/kit/clock.ts'
import { DealbridgeError } from '../../src/kit/errors/dealbridge-error.ts'
import { noMetrics } from '../../src/kit/metrics.ts'
import { parseKeyRing } from '../../src/kit/key-ring.ts'
import { Secret } from '../../src/kit/secret.ts'
import { createLedger, type Ledger } from '../../src/pipedrive/ledger.ts'
import type { ReferenceData, Pipedrive } from '../../src/pipedrive/pipedrive.ts'
import type { Actor, HistoryWorld } from './histories.ts'

interface ModelRow {
  id: number
  owner_id: number
  private: boolean
  deleted: boolean
  archived: boolean
  add_time: string
  update_time: null
  is_deleted: false
  readableAt: number
}

const USERS: Record<Actor, number> = { alice: 11, bob: 12 }
const actors: readonly Actor[] = ['alice', 'bob']
const secret = (n: number) => `k${n}:${Buffer.alloc(32, n).toString('base64')}`
const iso = (seconds: number) => new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z')

export interface ModelOptions {
  mineOnly: boolean
  pastRecords: number
}

/** A world whose Pipedrive is a list in memory: fast, for the polling engine alone. */
export function modelWorld({ mineOnly, pastRecords }: ModelOptions): HistoryWorld {
  const clock = manualClock()
  const nowSeconds = () => Math.floor(clock.now() / 1_000)
  const records: ModelRow[] = []
  let keys = [secret(1)]
  let ring = parseKeyRing(keys.join())
  let reader: Actor = 'alice'
  let ledger: Ledger = createLedger()

  const add = (owner: Actor, isPrivate: boolean, addedAt: number, readableAt: number): number => {
    const id = records.length + 1
    records.push({
      id,
      owner_id: USERS[owner],
      private: isPrivate,
      deleted: false,
      archived: false,
      add_time: iso(addedAt),
      update_time: null,
      is_deleted: false,
      readableAt,
    })
    return id
  }
  const hourAgo = nowSeconds() - 3_600
  const past = Array.from({ length: pastRecords }, (_, i) => {
    const owner = actors[i % 2]!
    return { id: add(owner, false, hourAgo, hourAgo), owner }
  })
  const find = (id: number) => records[id - 1]!
  const change = (id: number, changes: Partial<ModelRow>): Promise<void> => {
    Object.assign(find(id), changes)
    return Promise.resolve()
  }
  const isVisible = (r: ModelRow) =>
    r.readableAt <= nowSeconds() && !r.deleted && !r.archived && (reader === 'alice' || !r.private || r.owner_id === USERS.bob)
  const spend = (path: string, tokens: number) => ledger.add({ method: 'GET', path, status: 200, tokens })

  const trigger = defineTrigger({
    set: 'deals',
    id: 'TrigNewThing',
    path: '/things',
    input: z.object({}),
    output: z.object({ id: z.number() }),
    record: testRecordKind,
    event: 'added',
    poll: {
      list: (_pipedrive, query) => {
        spend('/things', 10)
        if ('ids' in query) {
          if (query.ids.length > 100) throw new Error('upstream takes at most 100 ids')
          const rows = query.ids.map((id) => find(Number(id))).filter((r): r is ModelRow => r !== undefined && isVisible(r))
          return Promise.resolve({ rows, nextCursor: null })
        }
        if (!('newest' in query)) throw new RangeError('an added trigger asks by id alone')
        const rows: ModelRow[] = []
        let more = false
        for (const record of records.toReversed()) {
          if (!isVisible(record)) continue
          more = rows.length === query.newest
          if (more) break
          rows.push(record)
        }
        return Promise.resolve({ rows, nextCursor: more ? 'more' : null })
      },
      fields: { id: fieldRules<ModelRow>().field('id') },
      ...(mineOnly && { ownerId: (r: ModelRow) => r.owner_id }),
    },
  })
  const referenceData = {
    me: () => {
      spend('/users/me', 2)
      return Promise.resolve({ id: USERS[reader], company_id: 1, name: reader, email: '', active_flag: true })
    },
  } as unknown as ReferenceData

  return {
    mineOnly,
    past,
    nowSeconds,
    advance: (seconds) => clock.advance(seconds * 1_000),
    create: (newRecords) => {
      const now = nowSeconds()
      return Promise.resolve(newRecords.map((b) => add(b.owner, b.private, now, now + b.lateSeconds)))
    },
    ownersFollow: false,
    remove: (id) => change(id, { deleted: true }),
    restore: (id) => change(id, { deleted: false }),
    setArchived: (id, archived) => change(id, { archived }),
    setOwner: (id, owner) => change(id, { owner_id: USERS[owner] }),
    setPrivate: (id, isPrivate) => change(id, { private: isPrivate }),
    restart: () => {
      ring = parseKeyRing(keys.join())
      return Promise.resolve()
    },
    rotateKeys: () => {
      keys = [secret(keys.length + 1), ...keys]
      ring = parseKeyRing(keys.join())
      return Promise.resolve()
    },
    async poll(actor, state) {
      reader = actor
      ledger = createLedger()
      try {
        const { items, ...outcome } = await pollTrigger({
          trigger,
          before: state === undefined ? undefined : openTriggerState(state, { triggerId: trigger.id, ring }),
          filters: {},
          principal: { key: new Secret(actor), principal: actor },
          pipedrive: {} as Pipedrive,
          referenceData,
          ring,
          clock,
          metrics: noMetrics,
          activities: 'mine',
          fillAll: (mapping, sources) => Promise.resolve(sources.map((source) => fillRow(mapping, source, {}))),
        })
        const ids = (items as { id: number }[]).map(({ id }) => id)
        return {
          status: ids.length > 0 ? 200 : 202,
          ids,
          state: outcome.state,
          retryAfterSeconds: outcome.retryAfterSeconds,
          tokens: ledger.tokens,
        }
      } catch (error) {
        if (!(error instanceof DealbridgeError)) throw error
        return { status: error.status, ids: [], state: undefined, retryAfterSeconds: error.retryAfterSeconds ?? 0, tokens: ledger.tokens }
      }
    },
  }
}
