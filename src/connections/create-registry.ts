import { noMetrics, type Metrics } from '../kit/metrics.ts'
import type { Secret } from '../kit/secret.ts'
import { TokenRefused } from './errors/token-refused.ts'
import { CONNECTION_KEY_PREFIX } from './credential.ts'
import { createAuthThrottle, type AuthThrottle } from './auth-throttle.ts'
import { OWNER_TOKEN_PREFIX, ownerTokenHash } from './new-credentials.ts'
import { manageConnections } from './manage-connections.ts'
import { manageKeys } from './manage-keys.ts'
import { ADMIN, manageOwners } from './manage-owners.ts'
import type { Owner, Registry } from './registry.ts'
import { SYSTEM, type RegistryDeps } from './registry-deps.ts'
import { rotate } from './rotate.ts'

const AUDIT_PAGE = 50
const AUDIT_PAGE_MAX = 100
/** A token that this server generated cannot be guessed; a configured admin token may be weak. */
const GENERATED_TOKEN = /^db[ao]_[\w-]{43}$/

export interface RegistryOptions extends Omit<RegistryDeps, 'checkCompany' | 'beforeRemoval' | 'throttle'> {
  /** Without one there is no admin. */
  adminToken: Secret | undefined
  checkCompany?: (companyId: number) => void
  beforeRemoval?: (connectionId: string) => Promise<void>
  metrics?: Metrics
  throttle?: AuthThrottle
}

export function createRegistry({
  adminToken,
  clock,
  checkCompany = () => undefined,
  beforeRemoval = () => Promise.resolve(),
  metrics = noMetrics,
  throttle = createAuthThrottle({ clock, metrics }),
  ...rest
}: RegistryOptions): Registry {
  const deps: RegistryDeps = { ...rest, clock, checkCompany, beforeRemoval, throttle }
  const { store } = deps
  const isAdmin = (token: Secret): boolean => adminToken?.equals(token) ?? false

  async function findOwner(hash: string): Promise<Owner | undefined> {
    const row = await store.db.selectFrom('owners').select(['id', 'name']).where('token_hash', '=', hash).executeTakeFirst()
    return row && { ...row, admin: false }
  }

  return {
    async authenticate(token, address) {
      if (!token) throw new TokenRefused('The request has no token.')
      const hash = ownerTokenHash(token)
      // A valid generated token passes even if its address is throttled.
      if (!GENERATED_TOKEN.test(token.reveal())) throttle.check(hash, address)
      // No await before the refusal of a text that is no owner's token: parallel guesses of a weak admin token would all pass the check.
      const owner = isAdmin(token)
        ? { id: ADMIN, name: ADMIN, admin: true }
        : token.reveal().startsWith(OWNER_TOKEN_PREFIX)
          ? await findOwner(hash)
          : undefined
      if (!owner) {
        throttle.refuse(hash, address)
        if (token.reveal().startsWith(CONNECTION_KEY_PREFIX))
          throw new TokenRefused('This is a connection key, not an owner token: it opens the operations, not the management API.')
        throw new TokenRefused('This token is unknown: it is mistyped, was replaced, or its owner was removed.')
      }
      throttle.recordAcceptance(hash)
      return owner
    },

    ...manageConnections(deps),
    ...manageKeys(deps),
    ...manageOwners(deps),
    rotate: (owner) => rotate(deps, owner),

    async listAudit(owner, { before, limit = AUDIT_PAGE }) {
      const rows = await store.db
        .selectFrom('audit')
        .selectAll()
        .$if(!owner.admin, (query) =>
          query.where(({ eb, or, and, selectFrom }) =>
            or([
              eb('owner_id', '=', owner.id),
              and([
                eb('owner_id', '=', SYSTEM.id),
                eb('subject', 'in', selectFrom('connections').select('connections.id').where('connections.owner_id', '=', owner.id)),
              ]),
            ]),
          ),
        )
        .$if(before !== undefined, (query) => query.where('id', '<', before!))
        .orderBy('id', 'desc')
        .limit(Math.min(AUDIT_PAGE_MAX, Math.max(1, limit)))
        .execute()
      return rows.map(({ id, at, owner_id, action, subject, details }) => ({
        id,
        at: at.toISOString(),
        owner: owner_id,
        action,
        subject,
        details,
      }))
    },
  }
}
