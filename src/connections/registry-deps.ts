import type { Transaction } from 'kysely'
import type { Clock } from '../kit/clock.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Logger } from '../kit/logger.ts'
import type { PipedriveClient } from '../pipedrive/client.ts'
import type { Store } from '../store/store.ts'
import type { Tables } from '../store/tables.ts'
import type { Owner } from './registry.ts'

/** RegistryParts is what the parts of the registry work with. */
export interface RegistryDeps {
  store: Store
  ring: KeyRing
  client: PipedriveClient
  clock: Clock
  logger: Logger
  /** Throws CompanyNotAllowed. */
  checkCompany(companyId: number): void
  /** A connection is about to be removed: what its key is needed for is done now. Never fails. */
  beforeRemoval(connectionId: string): Promise<void>
}

export type StoreTransaction = Transaction<Tables>

/** A Change is what the audit log says of one change. */
export interface AuditedChange {
  action: string
  subject: string
  /** Never a secret. */
  details?: Record<string, unknown>
}

/** Who changes what no owner has asked to change: the state of a connection, which calls of it bring to light. */
export const SYSTEM = { id: 'system' } as const

/** In the transaction of the change itself: no change without its entry, and no entry without a change. */
export async function writeAudit(
  trx: StoreTransaction,
  clock: Clock,
  owner: Pick<Owner, 'id'>,
  { action, subject, details = {} }: AuditedChange,
): Promise<void> {
  await trx
    .insertInto('audit')
    .values({ at: new Date(clock.now()), owner_id: owner.id, action, subject, details: JSON.stringify(details) })
    .execute()
}

export { isForeignKeyViolation, isUniqueViolation } from '../store/violations.ts'
/** Two who each wait for what the other one holds: the database has ended one of them, and he begins anew. */
export const isDeadlock = (error: unknown): boolean => (error as { code?: unknown }).code === '40P01'

const ATTEMPTS = 3

/** A transaction for what takes rows away that others are working on, and for those others: the database ends either of the two. */
export async function retryOnDeadlock<T>(store: Pick<Store, 'transaction'>, run: (trx: StoreTransaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.transaction(run)
    } catch (error) {
      if (!isDeadlock(error) || attempt === ATTEMPTS) throw error
    }
  }
}
