import type { Acting } from '../connections/acting.ts'
import type { Connections } from '../connections/connections.ts'
import { openFrom, sealedColumns, sealFor } from '../connections/sealed-columns.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Secret } from '../kit/secret.ts'
import type { LastDate, PipedriveClient } from '../pipedrive/client.ts'
import { createLedger, type Ledger, type Spending } from '../pipedrive/ledger.ts'
import type { Names, Pipedrive } from '../pipedrive/pipedrive.ts'
import type { Store } from '../store/store.ts'
import type { AccountRow } from '../store/tables.ts'
import { AccountGone } from './errors/account-gone.ts'

/** An OpenAccount is a Pipedrive account at work: what it may do, and what that costs. */
export interface OpenAccount {
  row: AccountRow
  pipedrive: Pipedrive
  names: Names
  ledger: Ledger
  /** Pipedrive's clock, as far as it says. */
  lastDate(): LastDate | undefined
}

/** Accounts open the Pipedrive accounts that subscriptions belong to, without a caller. */
export interface Accounts {
  /** Throws what Pipedrive's methods throw, AccountGone, ConnectionNeedsAttention, KeyRefusedEarlier. `operation` is what the spending is noted under. */
  use<T>(accountId: string, operation: string, run: (account: OpenAccount) => Promise<T>): Promise<T>
}

export interface AccountsParts {
  store: Store
  ring: KeyRing
  client: PipedriveClient
  connections: Connections
  spending: Spending
}

/** Nobody's network address: refusals of kept keys slow down nobody. */
const NO_ADDRESS = 'delivery'

/** Sealed for this account, an API key opens in no other row. */
export const sealAccountKey = (ring: KeyRing, accountId: string, key: Secret): string =>
  sealFor(ring, sealedColumns.accountKey, accountId, key)
/** Throws SealKeyUnknown or SealBroken. */
export const openAccountKey = (ring: KeyRing, accountId: string, sealed: string): Secret =>
  openFrom(ring, sealedColumns.accountKey, accountId, sealed)

/** The same accounts, whose spending a caller pays for: it stands in the answer to his call as well. */
export const chargedTo = (accounts: Accounts, caller: Ledger): Accounts => ({
  use: (accountId, operation, run) =>
    accounts.use(accountId, operation, async (account) => {
      try {
        return await run(account)
      } finally {
        for (const entry of account.ledger.entries) caller.add(entry)
      }
    }),
})

export function createAccounts({ store, ring, client, connections, spending }: AccountsParts): Accounts {
  async function actingOf({ id, connection_id, sealed_key, principal, company_id }: AccountRow): Promise<Acting> {
    if (connection_id !== null) return connections.resolveConnection(connection_id)
    if (sealed_key === null) throw new AccountGone(id)
    return { key: openAccountKey(ring, id, sealed_key), principal, companyId: company_id }
  }

  return {
    async use(accountId, operation, run) {
      const row = await store.db.selectFrom('accounts').selectAll().where('id', '=', accountId).executeTakeFirst()
      if (!row) throw new AccountGone(accountId)
      const acting = await actingOf(row)
      connections.admit(acting, NO_ADDRESS)
      const ledger = createLedger()
      try {
        const answer = await run({ row, ledger, ...client.open(acting.key, { ledger, companyId: row.company_id, isKeptKey: true }) })
        if (ledger.calls > 0) await connections.accepted(acting).catch(() => undefined)
        return answer
      } catch (error) {
        throw await connections.failed(error, acting, NO_ADDRESS).catch(() => error)
      } finally {
        if (ledger.calls > 0) spending.add(connections.labelOf(acting), operation, ledger)
      }
    },
  }
}
