import { removeWebhooks } from '../reconcile/ensure-webhook.ts'
import type { DeliveryDeps } from '../deps.ts'
import { withSourceLease } from '../queue/source-lease.ts'

/** Somebody waits for the removal of his connection. */
const PATIENCE_MS = 5_000

/**
 * Takes the webhooks of a connection out of Pipedrive, while its key is still here. What does not work is left: such a webhook meets a 401 from
 * now on, is banned by Pipedrive, and removed after three days.
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
          PATIENCE_MS,
        )
      } catch (error) {
        const reason = error instanceof Error ? error.name : 'unknown'
        logger.warn(
          { connection: connectionId, kind: source.kind, reason },
          'the webhook of a removed connection could not be taken out of Pipedrive',
        )
      }
    }),
  )
}
