import { sql } from 'kysely'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { StoreTransaction } from '../../connections/registry-deps.ts'
import { AccountGone } from '../errors/account-gone.ts'
import { describeError } from '../process/classify-error.ts'
import { NEVER, type DeliveryDeps, type Source } from '../deps.ts'
import { removeWebhooks } from './ensure-webhook.ts'

/** Without access to the account the webhook cannot be removed; Pipedrive removes one without a receiver after three days. */
const PERMANENT_ERRORS: ReadonlySet<string> = new Set([
  'ApiKeyRefused',
  'CompanyNotAllowed',
  'ConnectionNeedsAttention',
  'Forbidden',
  'PipedriveAccountBlocked',
  'SealKeyUnknown',
  'SealBroken',
])

/**
 * Ends a source without subscriptions: removes its webhook from Pipedrive and erases its hooks, inbox and snapshots; with the last subscription of
 * an account also the API key. Returns when the source is due if there is a new subscription meanwhile.
 */
export async function endSource(deps: DeliveryDeps, source: Source): Promise<Date | undefined> {
  const { store, accounts, clock, logger } = deps
  try {
    await accounts.use(source.account_id, `webhook:${source.kind}`, (account) => removeWebhooks(deps, account, source))
  } catch (error) {
    const isFinal = error instanceof AccountGone || (error instanceof DealbridgeError && PERMANENT_ERRORS.has(error.code))
    if (!isFinal) throw error
    logger.warn({ source: source.id, kind: source.kind, trouble: describeError(error) }, 'webhook not removed from Pipedrive')
  }
  const isNeeded = await store.transaction(async (trx) => {
    // Locks in the order in which a new subscription does, account before source: it is visible after that, or waits.
    await trx.selectFrom('accounts').select('id').where('id', '=', source.account_id).forUpdate().execute()
    const row = await trx.selectFrom('sources').select('id').where('id', '=', source.id).forUpdate().executeTakeFirst()
    if (!row) return false
    const now = new Date(clock.now())
    if (await hasSubscriptions(trx, 'source_id', source.id)) {
      // Its webhook was just removed.
      await trx.updateTable('sources').set({ check_at: now, reconcile_at: now }).where('id', '=', source.id).execute()
      return true
    }
    for (const table of ['hooks', 'inbox', 'fingerprints'] as const)
      await trx.deleteFrom(table).where('source_id', '=', source.id).execute()
    // The row stays for ended subscriptions, which can still be read.
    await trx.updateTable('sources').set(INITIAL).where('id', '=', source.id).execute()
    if (!(await hasSubscriptions(trx, 'account_id', source.account_id)) && !(await isKeyNeeded(trx, source)))
      await trx.updateTable('accounts').set({ sealed_key: null }).where('id', '=', source.account_id).execute()
    return false
  })
  return isNeeded ? new Date(clock.now()) : undefined
}

/** As before the first subscription. */
const INITIAL = {
  mode: 'polling',
  mode_reason: null,
  webhook_id: null,
  watch: null,
  changed_since: null,
  deleted_since: null,
  trouble: null,
} as const

/** That have not ended. */
const hasSubscriptions = async (trx: StoreTransaction, column: 'source_id' | 'account_id', id: string): Promise<boolean> =>
  (await trx
    .selectFrom('subscriptions')
    .select('id')
    .where(column, '=', id)
    .where('state', '<>', sql.lit('ended'))
    .limit(1)
    .executeTakeFirst()) !== undefined

/**
 * Another source of the account may end at the same time and need the key to remove its webhook; or it gets a subscription now. A source that is
 * due decides about the key itself: the last of them finds no other that is due.
 */
const isKeyNeeded = async (trx: StoreTransaction, { id, account_id: accountId }: Source): Promise<boolean> =>
  (await trx
    .selectFrom('sources')
    .select('id')
    .where('account_id', '=', accountId)
    .where('id', '<>', id)
    .where(({ or, eb }) => or([eb('webhook_id', 'is not', null), eb('due_at', '<', NEVER)]))
    .limit(1)
    .executeTakeFirst()) !== undefined
