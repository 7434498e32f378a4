import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { StoreTransaction } from '../../connections/registry-deps.ts'
import { AccountGone } from '../errors/account-gone.ts'
import { describeError } from '../process/classify-error.ts'
import { NEVER, type DeliveryDeps, type Source } from '../deps.ts'
import { removeWebhooks } from './ensure-webhook.ts'

/** Whoever is not let in any more cannot take a webhook out; without a receiver Pipedrive removes it after three days. */
const NEVER_AGAIN: ReadonlySet<string> = new Set([
  'ApiKeyRefused',
  'CompanyNotAllowed',
  'ConnectionNeedsAttention',
  'Forbidden',
  'PipedriveAccountBlocked',
  'SealKeyUnknown',
  'SealBroken',
])

/**
 * A source without subscriptions ends: its webhook is taken out of Pipedrive, and everything that was known for it is erased; with the last
 * subscription of an account its API key. Answers when to look again, should somebody have subscribed meanwhile.
 */
export async function endSource(deps: DeliveryDeps, source: Source): Promise<Date | undefined> {
  const { store, accounts, clock, logger } = deps
  try {
    await accounts.use(source.account_id, `webhook:${source.kind}`, (account) => removeWebhooks(deps, account, source))
  } catch (error) {
    const isFinal = error instanceof AccountGone || (error instanceof DealbridgeError && NEVER_AGAIN.has(error.code))
    if (!isFinal) throw error
    logger.warn({ source: source.id, kind: source.kind, trouble: describeError(error) }, 'a webhook could not be taken out of Pipedrive')
  }
  const isNeeded = await store.transaction(async (trx) => {
    // The account first, as whoever makes a subscription does; then the row that he refers to: he is seen after that, or waits.
    await trx.selectFrom('accounts').select('id').where('id', '=', source.account_id).forUpdate().execute()
    const row = await trx.selectFrom('sources').select('id').where('id', '=', source.id).forUpdate().executeTakeFirst()
    if (!row) return false
    const now = new Date(clock.now())
    if (await hasSubscriptions(trx, 'source_id', source.id)) {
      // Its webhook is gone by now.
      await trx.updateTable('sources').set({ check_at: now, reconcile_at: now }).where('id', '=', source.id).execute()
      return true
    }
    for (const table of ['hooks', 'inbox', 'fingerprints'] as const)
      await trx.deleteFrom(table).where('source_id', '=', source.id).execute()
    // The row stays for subscriptions that have ended and can still be looked at.
    await trx.updateTable('sources').set(UNKNOWN).where('id', '=', source.id).execute()
    if (!(await hasSubscriptions(trx, 'account_id', source.account_id)) && !(await othersNeedKey(trx, source)))
      await trx.updateTable('accounts').set({ sealed_key: null }).where('id', '=', source.account_id).execute()
    return false
  })
  return isNeeded ? new Date(clock.now()) : undefined
}

/** As if nobody had subscribed yet. */
const UNKNOWN = {
  mode: 'polling',
  mode_reason: null,
  webhook_id: null,
  watch: null,
  changed_since: null,
  deleted_since: null,
  trouble: null,
} as const

/** Live ones. */
const hasSubscriptions = async (trx: StoreTransaction, column: 'source_id' | 'account_id', id: string): Promise<boolean> =>
  (await trx.selectFrom('subscriptions').select('id').where(column, '=', id).where('state', '<>', 'ended').limit(1).executeTakeFirst()) !==
  undefined

/**
 * Another source of the account may have ended at the same moment, and needs the key to take its webhook out; or somebody subscribes to it now.
 * One that is due decides about the key itself: the last of them sees no other that is due.
 */
const othersNeedKey = async (trx: StoreTransaction, { id, account_id: accountId }: Source): Promise<boolean> =>
  (await trx
    .selectFrom('sources')
    .select('id')
    .where('account_id', '=', accountId)
    .where('id', '<>', id)
    .where(({ or, eb }) => or([eb('webhook_id', 'is not', null), eb('due_at', '<', NEVER)]))
    .limit(1)
    .executeTakeFirst()) !== undefined
