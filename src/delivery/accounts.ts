import type { Principal } from '../connections/principal.ts'
import { openFrom, sealedColumns, sealFor } from '../connections/sealed-columns.ts'
import { createAccountSessions, type AccountSessionDeps, type UpstreamSession } from '../engine/account-session.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Secret } from '../kit/secret.ts'
import type { Ledger } from '../pipedrive/ledger.ts'
import type { Store } from '../store/store.ts'
import type { AccountRow } from '../store/tables.ts'
import { AccountGone } from './errors/account-gone.ts'

/** An OpenAccount is an UpstreamSession of an account that subscriptions belong to. */
export type OpenAccount = UpstreamSession

/** Accounts open the Pipedrive accounts that subscriptions belong to, without a caller. */
export interface Accounts {
  /**
   * Throws what Pipedrive's methods throw, AccountGone, CompanyNotAllowed, ConnectionNeedsAttention, KeyRefusedEarlier. `purpose` is what the tokens
   * are counted under.
   */
  use<T>(accountId: string, purpose: string, run: (account: OpenAccount) => Promise<T>): Promise<T>
}

export interface AccountsDeps extends AccountSessionDeps {
  store: Store
  ring: KeyRing
}

/** Instead of a network address. Each account has its own, so that the refused key of one does not slow down the others. */
const addressOf = (accountId: string): string => `account ${accountId}`

/** Sealed for this account, an API key opens in no other row. */
export const sealAccountKey = (ring: KeyRing, accountId: string, key: Secret): string =>
  sealFor(ring, sealedColumns.accountKey, accountId, key)
/** Throws SealKeyUnknown or SealBroken. */
export const openAccountKey = (ring: KeyRing, accountId: string, sealed: string): Secret =>
  openFrom(ring, sealedColumns.accountKey, accountId, sealed)

/** With `chargedTo` the accounts of one call: its ledger gets what they cost. */
export function createAccounts(deps: AccountsDeps, chargedTo?: Ledger): Accounts {
  const { store, ring, connections } = deps
  const openSession = createAccountSessions(deps)

  async function actingOf({ id, connection_id, sealed_key, principal, company_id }: AccountRow): Promise<Principal> {
    if (connection_id !== null) return connections.resolveConnection(connection_id)
    if (sealed_key === null) throw new AccountGone(id)
    return { key: openAccountKey(ring, id, sealed_key), principal, companyId: company_id }
  }

  return {
    async use(accountId, purpose, run) {
      const row = await store.db.selectFrom('accounts').selectAll().where('id', '=', accountId).executeTakeFirst()
      if (!row) throw new AccountGone(accountId)
      return openSession(await actingOf(row), addressOf(accountId)).withAccount({ purpose, chargedTo, isStoredKey: true }, run)
    },
  }
}
