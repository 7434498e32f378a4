import { catalog } from '../../src/catalog/index.ts'
import type { Trigger } from '../../src/catalog/define.ts'
import type { EventType, RecordKind, RecordName, TriggerRow } from '../../src/catalog/contract/records/record-kind.ts'
import { loadActiveSubscriptions } from '../../src/delivery/process/active-subscriptions.ts'
import { processInbox } from '../../src/delivery/process/process-inbox.ts'
import { initBaseline } from '../../src/delivery/reconcile/init-baseline.ts'
import { reconcile } from '../../src/delivery/reconcile/reconcile.ts'
import type { Behaviour } from '../../sandbox/src/behaviour.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import { openStore } from '../../src/store/open-store.ts'
import { ALICE, type Row } from '../contract/world.ts'
import { openDeliveryWorld } from './delivery-world.ts'
import { addSourceFixture, HELD_LEASE, type SourceFixture } from './source.fixture.ts'

export const triggers = catalog.filter((operation): operation is Trigger => operation.kind === 'trigger')
const KINDS: readonly RecordName[] = ['deal', 'activity']

/** A FormsReport is what each form of one trigger told in one comparison: the ids of records, once for each event. */
export interface FormsReport {
  trigger: Trigger
  webhook: readonly number[]
  lists: readonly number[]
  poll: readonly number[]
}

/** A FormsWorld is one sandbox that all forms of all triggers watch. */
export interface FormsWorld {
  create(kind: RecordName, fields: Row): Promise<number>
  change(kind: RecordName, id: number, fields: Row): Promise<void>
  remove(kind: RecordName, id: number): Promise<void>
  restore(id: number): void
  read(kind: RecordName, id: number): Promise<TriggerRow>
  close(): Promise<void>
  advance(ms: number): void
  nowMs(): number
  /** How many events of the sources that have webhooks were found in lists. */
  reconciled(): number
  /** Lets every form find what happened since the last call. */
  compare(): Promise<FormsReport[]>
}

export const kindOf = (name: RecordName): RecordKind => triggers.find(({ record }) => record.name === name)!.record as RecordKind
const pathOf = (kind: RecordName) => `/api/v2/${kind === 'deal' ? 'deals' : 'activities'}`

/** Subscriptions and polls of the triggers whose polls take filters have these. */
export async function openFormsWorld({ behaviour, filters }: { behaviour: Partial<Behaviour>; filters: Row }): Promise<FormsWorld> {
  // A store keeps the apps that use it, so each world has its own.
  const store = await openStore({ place: { kind: 'memory' }, logger: silentLogger })
  const opened = await openDeliveryWorld(store, behaviour)
  const { world, deps } = opened
  const instant = triggers.filter((trigger) => trigger.instant)
  const filtersOf = ({ input }: Trigger) => Object.fromEntries(Object.entries(filters).filter(([name]) => name in input.shape))
  const sources: { kind: RecordName; hooked: SourceFixture; listed: SourceFixture }[] = []
  const subscriptions = new Map<string, { trigger: Trigger; form: 'webhook' | 'lists' }>()
  for (const kind of KINDS) {
    const hooked = await addSourceFixture(opened, kind)
    const listed = await addSourceFixture(opened, kind, { hook: false, principal: 'lists only' })
    for (const trigger of instant.filter(({ record }) => record.name === kind)) {
      const chosen = { filters: filtersOf(trigger) }
      subscriptions.set(await hooked.subscribe(trigger.event, chosen), { trigger, form: 'webhook' })
      subscriptions.set(await listed.subscribe(trigger.event, chosen), { trigger, form: 'lists' })
      for (const fixture of [hooked, listed]) await initBaseline(deps, await fixture.source(), trigger.event)
    }
    sources.push({ kind, hooked, listed })
  }
  const locations = new Map<string, string>()
  const poll = async (trigger: Trigger): Promise<number[]> => {
    const { id } = trigger
    const path = `${trigger.path}?${new URLSearchParams(filtersOf(trigger) as Record<string, string>)}`
    const { status, headers, body, text } = await world.http<Row[]>(locations.get(id) ?? path, { headers: { 'x-api-key': ALICE } })
    if (status !== 200 && status !== 202) throw new Error(`${id}: ${status} ${text}`)
    locations.set(id, headers.get('location')!)
    return status === 200 ? body.map((row) => row['id'] as number) : []
  }
  for (const trigger of triggers) await poll(trigger)
  let read = 0
  let reconciled = 0

  return {
    create: async (kind, fields) => (await world.pipedrive('POST', pathOf(kind), fields))['id'] as number,
    change: async (kind, id, fields) => void (await world.pipedrive('PATCH', `${pathOf(kind)}/${id}`, fields)),
    remove: async (kind, id) => void (await world.pipedrive('DELETE', `${pathOf(kind)}/${id}`)),
    restore: (id) => world.sandbox.restoreDeal(id),
    read: async (kind, id) => (await world.pipedrive('GET', `${pathOf(kind)}/${id}`)) as unknown as TriggerRow,
    async close() {
      await world.close()
      await store.close()
    },
    advance: (ms) => world.clock.advance(ms),
    nowMs: () => world.clock.now(),
    reconciled: () => reconciled,
    async compare() {
      await world.sandbox.clock.settle()
      for (const { hooked, listed } of sources) {
        await processInbox(deps, await hooked.source(), HELD_LEASE)
        for (const fixture of [hooked, listed]) {
          const source = await fixture.source()
          const { found } = await reconcile(deps, source, await loadActiveSubscriptions(store.db, source, opened.options), HELD_LEASE)
          if (fixture === hooked) reconciled += found
        }
      }
      const deliveries = await store.db
        .selectFrom('deliveries')
        .select(['seq', 'subscription_id', 'record_id'])
        .where('seq', '>', read)
        .orderBy('seq')
        .execute()
      read = deliveries.at(-1)?.seq ?? read
      const toldTo = (event: EventType, kind: RecordName, form: string) =>
        deliveries
          .filter(({ subscription_id: id }) => {
            const to = subscriptions.get(id)!
            return to.form === form && to.trigger.event === event && to.trigger.record.name === kind
          })
          .map(({ record_id: record }) => Number(record))
      const reports: FormsReport[] = []
      for (const trigger of triggers) {
        const { event, record } = trigger
        const [webhook, lists] = [toldTo(event, record.name, 'webhook'), toldTo(event, record.name, 'lists')]
        reports.push({ trigger, webhook, lists, poll: await poll(trigger) })
      }
      return reports
    },
  }
}
