import { removeWebhooks } from '../reconcile/ensure-webhook.ts'
import type { DeliveryDeps } from '../deps.ts'
import { withSourceLease } from '../queue/source-lease.ts'

/** The caller waits for the removal of the connection. */
const TIMEOUT_MS = 5_000

/**
 * Removes the webhooks of a connection from Pipedrive while its key is still stored. Failures are only logged: such a webhook gets a 401 from
 * now on, and Pipedrive bans it and removes it after three days.
 */
export async function onConnectionRemoved(deps: DeliveryDeps, connectionId: string): Promise<void> {
  const { store, accounts, logger } = deps
  const sources = await store.db
    .selectFrom('sources as s')
    .innerJoin('accounts as a', 'a.id', 's.account_id')
    .selectAll('s')
    .where('a.connection_id', '=', connectionId)
    .execute()
  await Promise.all(
    sources.map(async (source) => {
      try {
        await withSourceLease(
          deps,
          source.id,
          () => accounts.use(source.account_id, `webhook:${source.kind}`, (account) => removeWebhooks(deps, account, source)),
          TIMEOUT_MS,
        )
      } catch (error) {
        const reason = error instanceof Error ? error.name : 'unknown'
        logger.warn({ connection: connectionId, kind: source.kind, reason }, 'webhook of a removed connection not removed from Pipedrive')
      }
    }),
  )
}
