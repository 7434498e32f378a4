import type { Transaction } from 'kysely'
import type { Clock } from '../kit/clock.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Logger } from '../kit/logger.ts'
import type { PipedriveClient } from '../pipedrive/client.ts'
import type { Store } from '../store/store.ts'
import type { Tables } from '../store/tables.ts'
import type { AuthThrottle } from './auth-throttle.ts'
import type { Owner } from './registry.ts'

/** RegistryDeps are the services that the parts of the registry use. */
export interface RegistryDeps {
  store: Store
  ring: KeyRing
  client: PipedriveClient
  clock: Clock
  logger: Logger
  /** Throws CompanyNotAllowed. */
  checkCompany(companyId: number): void
  /** Does what needs the connection's key before the connection is removed. Never fails. */
  beforeRemoval(connectionId: string): Promise<void>
  throttle: AuthThrottle
}

export type StoreTransaction = Transaction<Tables>

/** An AuditedChange is what the audit log stores about one change. */
export interface AuditedChange {
  action: string
  subject: string
  /** Never a secret. */
  details?: Record<string, unknown>
}

/** The author of changes that no owner made: calls change the state of their connection. */
export const SYSTEM = { id: 'system' } as const

/** Runs in the transaction of the change, so that both are stored or neither. */
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
/** PostgreSQL aborts one of two transactions that wait for each other. */
export const isDeadlock = (error: unknown): boolean => (error as { code?: unknown }).code === '40P01'

const ATTEMPTS = 3

/** For transactions that delete rows which other transactions change, and for those: PostgreSQL aborts either of the two. */
export async function retryOnDeadlock<T>(store: Pick<Store, 'transaction'>, run: (trx: StoreTransaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.transaction(run)
    } catch (error) {
      if (!isDeadlock(error) || attempt === ATTEMPTS) throw error
    }
  }
}
