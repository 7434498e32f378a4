import { sql } from 'kysely'
import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import { retryOnDeadlock, isUniqueViolation, writeAudit, type StoreTransaction } from '../../connections/registry-deps.ts'
import type { Owner } from '../../connections/registry.ts'
import { Secret } from '../../kit/secret.ts'
import { retryNow } from '../dispatch/retry-now.ts'
import { SubscriptionTaken } from '../errors/subscription-taken.ts'
import { SOURCES, SUBSCRIPTIONS, type DeliveryDeps } from '../deps.ts'
import { checkTarget } from '../dispatch/targets/check-target.ts'
import { sealTarget, targetHash, targetHint } from '../dispatch/targets/endpoint-secrets.ts'
import { endSubscription } from './end-subscription.ts'
import { findActiveSubscription, findSubscription, listSubscriptions, toSubscriptionView } from './find-subscriptions.ts'
import { describeDelivery, describeSubscription, listDeliveries } from './read-deliveries.ts'
import { replay } from './replay.ts'
import type { Subscriptions, SubscriptionView } from './subscriptions.ts'
import { sendTest } from './send-test.ts'

type SubscriptionMethods = Pick<
  Subscriptions,
  'list' | 'get' | 'pause' | 'resume' | 'test' | 'replay' | 'setUrl' | 'end' | 'listDeliveries' | 'getDelivery'
>

const PAUSED = 'paused by its owner; events are stored, and delivered when it is resumed'

/** The methods that act for the owner of a connection. */
export function manageSubscriptions(deps: DeliveryDeps): SubscriptionMethods {
  const { store, clock, ring, options } = deps
  const { db } = store

  /** Changes an active, paused or disabled subscription, and writes the change to the audit log. */
  async function change(
    owner: Owner,
    id: string,
    action: string,
    run: (trx: StoreTransaction) => Promise<Record<string, unknown> | void>,
  ): Promise<SubscriptionView> {
    await findActiveSubscription(db, owner, id)
    await retryOnDeadlock(store, async (trx) => {
      // It may have ended since the first check.
      await trx.selectFrom('subscriptions').select('id').where('id', '=', id).forNoKeyUpdate().execute()
      const { trigger, connection_id: connection } = await findActiveSubscription(trx, owner, id)
      const details = { trigger, ...(connection !== null && { connection }), ...(await run(trx)) }
      await writeAudit(trx, clock, owner, { action: `subscription.${action}`, subject: id, details })
    })
    store.signal(SUBSCRIPTIONS)
    return toSubscriptionView(await findSubscription(db, owner, id))
  }

  return {
    list: (owner, page) => listSubscriptions(db, owner, page),
    get: (owner, id) => describeSubscription(db, owner, id),
    listDeliveries: (owner, id, page) => listDeliveries(db, owner, id, page),
    getDelivery: (owner, id, deliveryId) => describeDelivery(db, owner, id, deliveryId),

    pause: (owner, id) =>
      change(owner, id, 'pause', async (trx) => {
        const values = { state: 'paused' as const, state_reason: PAUSED, state_since: new Date(clock.now()) }
        await trx.updateTable('subscriptions').set(values).where('id', '=', id).where('state', '<>', 'paused').execute()
      }),

    resume: (owner, id) =>
      change(owner, id, 'resume', async (trx) => {
        const now = new Date(clock.now())
        await trx
          .updateTable('subscriptions')
          .set({
            state: 'active',
            state_reason: null,
            state_since: sql<Date>`case when state = 'active' then state_since else ${now} end`,
          })
          .where('id', '=', id)
          .execute()
        await retryNow(trx, id, now)
      }),

    async setUrl(owner, id, callbackUrl) {
      const target = checkTarget(callbackUrl, options.targets)
      const { asked_at: lastPulledAt } = await findActiveSubscription(db, owner, id)
      if (lastPulledAt !== null)
        throw new InvalidInput([
          { field: 'callbackUrl', message: 'cannot be set: the deliveries of this subscription are fetched, not sent' },
        ])
      const hash = targetHash(store.salt, target)
      try {
        return await change(owner, id, 'retarget', async (trx) => {
          const previous = await trx.selectFrom('subscriptions').select('target_hint').where('id', '=', id).executeTakeFirstOrThrow()
          const now = new Date(clock.now())
          const hint = targetHint(target)
          await trx
            .updateTable('subscriptions')
            .set({
              target_hash: hash,
              sealed_target: sealTarget(ring, id, new Secret(target.href)),
              target_hint: hint,
            })
            .where('id', '=', id)
            .execute()
          await retryNow(trx, id, now)
          return { callback: { from: previous.target_hint, to: hint } }
        })
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        throw new SubscriptionTaken(await subscriptionWithTarget(hash, id))
      }
    },

    async end(owner, id) {
      await findSubscription(db, owner, id)
      await retryOnDeadlock(store, async (trx) => {
        const { trigger, connection_id: connection } = await findSubscription(trx, owner, id)
        if (!(await endSubscription(trx, clock, id, 'ended by its owner'))) return
        const details = { trigger, ...(connection !== null && { connection }) }
        await writeAudit(trx, clock, owner, { action: 'subscription.end', subject: id, details })
      })
      store.signal(SOURCES)
    },

    test: async (owner, id) => sendTest(deps, owner, await findActiveSubscription(db, owner, id)),

    replay: (owner, id, selection) => replay(deps, owner, id, selection),
  }

  async function subscriptionWithTarget(hash: string, id: string): Promise<string> {
    const other = await db
      .selectFrom('subscriptions as s')
      .innerJoin('subscriptions as mine', 'mine.account_id', 's.account_id')
      .select('s.id')
      .where('mine.id', '=', id)
      .where('s.target_hash', '=', hash)
      .where('s.state', '<>', sql.lit('ended'))
      .where('s.id', '<>', id)
      .executeTakeFirst()
    return other?.id ?? 'made a moment ago'
  }
}
