import type { Secret } from '../kit/secret.ts'

/** An Owner is the authenticated user of the management API: `admin`, or an owner that the admin created. */
export interface Owner {
  id: string
  name: string
  admin: boolean
}

/** A ConnectionView is a connection as its owner sees it. Times are ISO 8601 in UTC. */
export interface ConnectionView {
  id: string
  name: string
  state: 'ok' | 'needs_attention'
  /** Why it needs attention, and what to do; null otherwise. */
  reason: string | null
  /** The account that it acts as. */
  company: { id: number; name: string }
  user: { id: number; name: string; email: string }
  checkedAt: string
  createdAt: string
  lastUsedAt: string | null
}

/** A ReachableConnection is a connection as the management API shows it: with its base URL for client libraries that use a single connection. */
export interface ReachableConnection extends ConnectionView {
  runtimeUrl: string
}

/** A KeyView is a connection key as its owner sees it: never the key itself. */
export interface KeyView {
  id: string
  connectionId: string
  name: string
  /** The last four characters. */
  hint: string
  /** The sets of operations that it is limited to; null if it has all. */
  sets: readonly string[] | null
  readOnly: boolean
  createdAt: string
  lastUsedAt: string | null
}

/** An OwnerView is an owner as the admin sees them. */
export interface OwnerView {
  id: string
  name: string
  connections: number
  createdAt: string
}

/** An AuditEntry is one change: who, what, when. */
export interface AuditEntry {
  id: number
  at: string
  /** The id of the owner who made the change; `system` if a call of the connection caused it. */
  owner: string
  /** `connection.add`, `key.remove` … */
  action: string
  /** The id of what was changed. */
  subject: string
  details: Record<string, unknown>
}

/** A Rotation is the result of a rotation: every secret is sealed with the key `keyId`, and no secret with the other keys of the ring. */
export interface Rotation {
  keyId: string
  resealed: number
  /** Ids of connections whose sealed key could not be opened, because its ring key is missing or the row was changed; they were left unchanged. `accounts/…` and `subscriptions/…` are secrets of instant triggers. The log has the reasons. */
  unreadable: readonly string[]
  /** Ids of ring keys that may still have signed trigger states. */
  olderKeyIds: readonly string[]
}

/** A Registry manages owners, connections and keys. Every method acts for `owner`, who sees only their own. Throws InvalidInput, NotFoundHere (also for what belongs to another owner), NameTaken, OtherCompany, AdminOnly. */
export interface Registry {
  /** Throws TokenRefused; guesses are throttled by network address. */
  authenticate(token: Secret | undefined, address: string): Promise<Owner>
  listConnections(owner: Owner): Promise<ConnectionView[]>
  getConnection(owner: Owner, id: string): Promise<ConnectionView>
  /** Tests the key first (users/me, 2 tokens). */
  addConnection(owner: Owner, given: { name: string; apiKey: Secret }): Promise<ConnectionView>
  /** A new key is tested first and must belong to the same company. */
  changeConnection(owner: Owner, id: string, changes: { name?: string; apiKey?: Secret }): Promise<ConnectionView>
  /** Asks Pipedrive now, and returns the connection with its new state. */
  testConnection(owner: Owner, id: string): Promise<ConnectionView>
  /** Removes its keys, too. */
  removeConnection(owner: Owner, id: string): Promise<void>
  listKeys(owner: Owner, connectionId?: string): Promise<KeyView[]>
  /** Returns the key, which is not shown again. */
  addKey(
    owner: Owner,
    given: { connectionId: string; name: string; sets?: readonly string[] | undefined; readOnly?: boolean | undefined },
  ): Promise<KeyView & { key: string }>
  removeKey(owner: Owner, id: string): Promise<void>
  /** Admin only. */
  listOwners(owner: Owner): Promise<OwnerView[]>
  /** Admin only. Returns the token, which is not shown again. */
  addOwner(owner: Owner, given: { name: string }): Promise<OwnerView & { token: string }>
  /** Admin only. The old token stops working at once. */
  renewOwnerToken(owner: Owner, id: string): Promise<OwnerView & { token: string }>
  /** Admin only. Removes the owner's connections and keys, too. */
  removeOwner(owner: Owner, id: string): Promise<void>
  /** Admin only. Adds a ring key if the ring is in a file, and seals every secret with the first key. */
  rotate(owner: Owner): Promise<Rotation>
  /** Newest first; 50 by default, at most 100 at once; `before` is the lowest id of the previous page. The admin sees all entries; other owners see their own, and the state changes of their connections. */
  listAudit(owner: Owner, page: { before?: number; limit?: number }): Promise<AuditEntry[]>
}
