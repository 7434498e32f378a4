import { ALICE, BOB, createWorld, type Row } from '../contract/world.ts'
import type { Actor, NewRecord, HistoryWorld } from './histories.ts'

const HOUR_MS = 3_600_000
const keys: Record<Actor, string> = { alice: ALICE, bob: BOB }
/** Visibility levels of the sandbox's small plan: owner and followers, or all users. */
const PRIVATE = 1
const PUBLIC = 3
const ringKey = (n: number) => `k${n}:${Buffer.alloc(32, n).toString('base64')}`

export interface ConnectorWorldOptions {
  trigger: 'TrigNewDealV2' | 'TrigNewDeal' | 'TrigNewActivity'
  activities: 'mine' | 'all'
  pastRecords: number
}

/** A world with the real parts: a host, the connector's HTTP adapter, everything behind it, and the sandbox. */
export async function connectorWorld({ trigger, activities, pastRecords }: ConnectorWorldOptions): Promise<HistoryWorld> {
  let ring = [ringKey(1)]
  // A test makes the calls of an hour within seconds.
  const world = await createWorld({ config: { activities, keys: ring.join(), callsPerMinute: 10_000 } })
  const { sandbox, clock, pipedrive } = world
  const userIds = Object.fromEntries(sandbox.keys.map(({ key, user }) => [key, user.id]))
  const userId = (actor: Actor): number => userIds[keys[actor]]!
  const isAboutDeals = trigger !== 'TrigNewActivity'
  const path = isAboutDeals ? '/api/v2/deals' : '/api/v2/activities'

  // An activity is as visible as its deal.
  const deal = async (visible_to: number) => (await pipedrive('POST', '/api/v2/deals', { title: 'Anchor', visible_to }))['id']
  const anchors = isAboutDeals ? {} : { open: await deal(PUBLIC), closed: await deal(PRIVATE) }
  const visibility = (isPrivate: boolean): Row =>
    isAboutDeals ? { visible_to: isPrivate ? PRIVATE : PUBLIC } : { deal_id: isPrivate ? anchors.closed : anchors.open }

  async function create(newRecords: readonly NewRecord[]): Promise<number[]> {
    const ids: number[] = []
    for (const newRecord of newRecords) {
      sandbox.lateCommits(newRecord.lateSeconds)
      const about = isAboutDeals ? { title: 'New' } : { subject: 'New', type: 'call' }
      ids.push(
        (await pipedrive('POST', path, { ...about, owner_id: userId(newRecord.owner), ...visibility(newRecord.private) }))['id'] as number,
      )
    }
    sandbox.lateCommits(0)
    return ids
  }
  const change = async (id: number, body: Row) => void (await pipedrive('PATCH', `${path}/${id}`, body))

  const owners = Array.from({ length: pastRecords }, (_, i): Actor => (i % 2 === 0 ? 'alice' : 'bob'))
  const past = (await create(owners.map((owner) => ({ owner, private: false, lateSeconds: 0 })))).map((id, i) => ({
    id,
    owner: owners[i]!,
  }))
  clock.advance(HOUR_MS)

  return {
    mineOnly: !isAboutDeals && activities === 'mine',
    ownersFollow: isAboutDeals,
    past,
    nowSeconds: () => Math.floor(clock.now() / 1_000),
    advance: (seconds) => clock.advance(seconds * 1_000),
    create,
    remove: async (id) => void (await pipedrive('DELETE', `${path}/${id}`)),
    ...(isAboutDeals && {
      restore: (id: number) => Promise.resolve(sandbox.restoreDeal(id)),
      setArchived: (id: number, is_archived: boolean) => change(id, { is_archived }),
    }),
    setOwner: (id, owner) => change(id, { owner_id: userId(owner) }),
    setPrivate: (id, isPrivate) => change(id, visibility(isPrivate)),
    restart: () => world.restart(),
    rotateKeys: () => {
      ring = [ringKey(ring.length + 1), ...ring]
      return world.restart({ keys: ring.join() })
    },
    async poll(actor, state) {
      const { status, headers, body } = await world.call(trigger, state === undefined ? {} : { triggerstate: state }, { key: keys[actor] })
      const location = headers.get('location')
      return {
        status,
        ids: status === 200 ? (body as unknown as { id: number }[]).map(({ id }) => id) : [],
        state: location === null ? undefined : (new URL(location).searchParams.get('triggerstate') ?? undefined),
        retryAfterSeconds: Number(headers.get('retry-after')),
        tokens: Number(headers.get('x-dealbridge-token-cost')),
      }
    },
  }
}
