import type { Secret } from '../kit/secret.ts'

/** An Owner is who is asking: `admin`, or somebody whom the admin has made. */
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
  /** Whom it acts as. */
  company: { id: number; name: string }
  user: { id: number; name: string; email: string }
  checkedAt: string
  createdAt: string
  lastUsedAt: string | null
}

/** A ReachableConnection is a connection as the management API shows it: with the base URL for client libraries that know one connection only. */
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
  createdAt: string
  lastUsedAt: string | null
}

/** An OwnerView is an owner as the admin sees him. */
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
  /** The id of the owner who made the change; `system` where a call of the connection has brought it to light. */
  owner: string
  /** `connection.add`, `key.remove` … */
  action: string
  /** The id of what was changed. */
  subject: string
  details: Record<string, unknown>
}

/** A Rotation is what a rotation has done: everything is sealed with the key `keyId` now, and the other keys of the ring seal nothing any more. */
export interface Rotation {
  keyId: string
  resealed: number
  /** Ids of connections whose sealed key could not be opened, because its ring key is missing or the row was changed; they are as they were. `accounts/…` and `subscriptions/…` are what instant triggers keep. The log has the reasons. */
  unreadable: readonly string[]
  /** Ids of the ring that trigger states may still be signed with. */
  olderKeyIds: readonly string[]
}

/** A Registry keeps owners, connections and keys. Every method acts for `owner`, who sees nothing of anybody else's. Throws InvalidInput, NotFoundHere (also for what is somebody else's), NameTaken, OtherCompany, AdminOnly. */
export interface Registry {
  /** Throws TokenRefused; guessing is slowed down by network address. */
  authenticate(token: Secret | undefined, address: string): Promise<Owner>
  listConnections(owner: Owner): Promise<ConnectionView[]>
  getConnection(owner: Owner, id: string): Promise<ConnectionView>
  /** Tests the key first (users/me, 2 tokens). */
  addConnection(owner: Owner, given: { name: string; apiKey: Secret }): Promise<ConnectionView>
  /** A new key is tested first and must belong to the same company. */
  changeConnection(owner: Owner, id: string, changes: { name?: string; apiKey?: Secret }): Promise<ConnectionView>
  /** Asks Pipedrive now; the answer says how it went. */
  testConnection(owner: Owner, id: string): Promise<ConnectionView>
  /** Its keys end with it. */
  removeConnection(owner: Owner, id: string): Promise<void>
  listKeys(owner: Owner, connectionId?: string): Promise<KeyView[]>
  /** The key is shown this once. */
  addKey(owner: Owner, given: { connectionId: string; name: string }): Promise<KeyView & { key: string }>
  removeKey(owner: Owner, id: string): Promise<void>
  /** The admin's. */
  listOwners(owner: Owner): Promise<OwnerView[]>
  /** The admin's. The token is shown this once. */
  addOwner(owner: Owner, given: { name: string }): Promise<OwnerView & { token: string }>
  /** The admin's. The old token ends at once. */
  renewOwnerToken(owner: Owner, id: string): Promise<OwnerView & { token: string }>
  /** The admin's. The owner's connections and keys end with him. */
  removeOwner(owner: Owner, id: string): Promise<void>
  /** The admin's. Makes a new ring key where the ring lies in a file, and seals everything with the first key. */
  rotate(owner: Owner): Promise<Rotation>
  /** Newest first, at most 100 at once and 50 unless told; `before` is the lowest id seen. The admin sees everybody's; others their own, and what became of their connections. */
  listAudit(owner: Owner, page: { before?: number; limit?: number }): Promise<AuditEntry[]>
}
