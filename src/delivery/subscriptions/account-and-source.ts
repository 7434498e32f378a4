import { sql } from 'kysely'
import type { Acting } from '../../connections/acting.ts'
import { ConnectionKeyRefused } from '../../connections/errors/connection-key-refused.ts'
import { newId } from '../../connections/ids.ts'
import { isForeignKeyViolation, type Trx } from '../../connections/registry-parts.ts'
import type { Happening, RecordName } from '../../catalog/records/record-kind.ts'
import type { Me } from '../../pipedrive/wire.ts'
import type { AccountRow } from '../../store/tables.ts'
import { sealAccountKey } from '../accounts.ts'
import type { DeliveryParts, Source } from '../parts.ts'

/** The lane of a source without subscriptions cleans up. It leaves this much time for the first one to be made. */
const UNTIL_CLEANED_MS = 120_000
/** The baseline was taken just now. */
const FIRST_RECONCILIATION_MS = 120_000

/** The account that a subscriber acts as, and the source of one kind of its records; made where they are missing. */
export async function accountAndSource(
  { store, ring, clock }: DeliveryParts,
  acting: Acting,
  { company_id, id: user_id }: Pick<Me, 'company_id' | 'id'>,
  kind: RecordName,
): Promise<{ account: AccountRow; source: Source }> {
  const now = new Date(clock.now())
  const later = (ms: number) => new Date(clock.now() + ms)

  async function accountRow(trx: Trx): Promise<AccountRow> {
    const { principal, connection } = acting
    await trx
      .insertInto('accounts')
      .values({ id: newId(), principal, connection_id: connection?.id ?? null, sealed_key: null, company_id, user_id, created_at: now })
      .onConflict((conflict) => conflict.column('principal').doNothing())
      .execute()
    const row = await trx.selectFrom('accounts').selectAll().where('principal', '=', principal).forNoKeyUpdate().executeTakeFirstOrThrow()
    // A key that its account's last subscription has erased, or that was never there. A connection may act as another user of its company by now.
    const sealed_key = connection ? null : (row.sealed_key ?? sealAccountKey(ring, row.id, acting.key))
    return trx
      .updateTable('accounts')
      .set({ sealed_key, company_id, user_id })
      .where('id', '=', row.id)
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
          reconcile_at: later(FIRST_RECONCILIATION_MS),
          trouble: null,
          last_webhook_at: null,
          due_at: later(UNTIL_CLEANED_MS),
          leased_until: null,
          created_at: now,
        })
        // Its lane looks in any case: whoever fails or dies on the way to a subscription has left a key behind.
        .onConflict((conflict) =>
          conflict.columns(['account_id', 'kind']).doUpdateSet({ due_at: sql<Date>`least(sources.due_at, ${later(UNTIL_CLEANED_MS)})` }),
        )
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

/** Whether it is known where the events of a source come from. */
export const isLookedAfter = ({ webhook_id, mode_reason }: Source): boolean => webhook_id !== null || mode_reason !== null

/** The happenings that are told from the same baseline. */
export const happeningsLike = (happening: Happening): Happening[] =>
  happening === 'added' || happening === 'deleted' ? [happening] : ['updated', 'moved', 'won', 'lost', 'done']

/** Whether it is known what was there before, so that what is new or changed can be told. */
export function hasBaseline({ watch, changed_since, deleted_since }: Source, happening: Happening): boolean {
  if (happening === 'added') return watch !== null
  return (happening === 'deleted' ? deleted_since : changed_since) !== null
}
