import type { Principal } from '../../connections/principal.ts'
import { ConnectionKeyRefused } from '../../connections/errors/connection-key-refused.ts'
import { newId } from '../../connections/new-credentials.ts'
import { isForeignKeyViolation, type StoreTransaction } from '../../connections/registry-deps.ts'
import type { EventType, RecordName } from '../../catalog/contract/records/record-kind.ts'
import type { Me } from '../../pipedrive/api-types.ts'
import type { AccountRow } from '../../store/tables.ts'
import { sealAccountKey } from '../accounts.ts'
import { baselineOf } from '../process/baselines.ts'
import { NEVER, type DeliveryDeps, type Source } from '../deps.ts'

/** The baseline is new: the first comparison can wait. */
const FIRST_RECONCILIATION_MS = 120_000

/** Returns the account that a subscriber acts as and its source for one kind of record; inserts them if they are missing. */
export async function ensureAccountAndSource(
  { store, clock }: DeliveryDeps,
  principal: Principal,
  { company_id, id: user_id }: Pick<Me, 'company_id' | 'id'>,
  kind: RecordName,
): Promise<{ account: AccountRow; source: Source }> {
  const now = new Date(clock.now())

  async function accountRow(trx: StoreTransaction): Promise<AccountRow> {
    const { connection } = principal
    await trx
      .insertInto('accounts')
      .values({
        id: newId(),
        principal: principal.principal,
        connection_id: connection?.id ?? null,
        sealed_key: null,
        company_id,
        user_id,
        created_at: now,
      })
      .onConflict((conflict) => conflict.column('principal').doNothing())
      .execute()
    // The connection may have got the key of another user of its company.
    return trx
      .updateTable('accounts')
      .set({ company_id, user_id })
      .where('principal', '=', principal.principal)
      .returningAll()
      .executeTakeFirstOrThrow()
  }

  try {
    return await store.transaction(async (trx) => {
      const account = await accountRow(trx)
      await trx
        .insertInto('sources')
        .values({
          id: newId(),
          account_id: account.id,
          kind,
          mode: 'polling',
          mode_reason: null,
          webhook_id: null,
          check_at: now,
          watch: null,
          changed_since: null,
          deleted_since: null,
          reconcile_at: new Date(clock.now() + FIRST_RECONCILIATION_MS),
          trouble: null,
          last_webhook_at: null,
          due_at: NEVER,
          leased_until: null,
          created_at: now,
        })
        .onConflict((conflict) => conflict.columns(['account_id', 'kind']).doNothing())
        .execute()
      const source = await trx
        .selectFrom('sources')
        .selectAll()
        .where('account_id', '=', account.id)
        .where('kind', '=', kind)
        .executeTakeFirstOrThrow()
      return { account, source }
    })
  } catch (error) {
    if (isForeignKeyViolation(error)) throw new ConnectionKeyRefused('The connection was removed.')
    throw error
  }
}

/**
 * Stores the API key of a call for the subscription that is being made. Call it only while the source is leased: the source's work item runs
 * after that and erases the key if no subscription was made, and until then no other source's work item erases it (`endSource`).
 */
export async function storeAccountKey({ store, ring }: DeliveryDeps, accountId: string, { connection, key }: Principal): Promise<void> {
  if (connection) return
  await store.db
    .updateTable('accounts')
    .set({ sealed_key: sealAccountKey(ring, accountId, key) })
    .where('id', '=', accountId)
    .where('sealed_key', 'is', null)
    .execute()
}

/** Whether it is decided if a source's events come from a webhook or from polling. */
export const isModeDecided = ({ webhook_id, mode_reason }: Source): boolean => webhook_id !== null || mode_reason !== null

/** Whether the state before the subscription is recorded, which is needed to detect what is new or changed. */
export const hasBaseline = (source: Source, happening: EventType): boolean => source[baselineOf(happening)] !== null
