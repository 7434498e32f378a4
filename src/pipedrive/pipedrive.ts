import type { DealbridgeError } from '../kit/errors/dealbridge-error.ts'
import type { RecordId } from '../kit/record-id.ts'
import type {
  Me,
  V1ActivityType,
  V1Currency,
  V1User,
  V1Webhook,
  V1WebhookBody,
  V2Activity,
  V2ActivityBody,
  V2Deal,
  V2DealBody,
  V2DealField,
  V2DealWithIncluded,
  V2Organization,
  V2Person,
  V2Pipeline,
  V2Stage,
} from './api-types.ts'
import type { ParentIds, ResourceName } from './resources.ts'

/** An UpstreamRow is a record as Pipedrive returns it. */
export type UpstreamRow = Record<string, unknown> & { id: RecordId }

/** A ResultPage is one page of a list; `nextCursor` is null on the last one. */
export interface ResultPage<T> {
  rows: T[]
  nextCursor: string | null
}

/** A ListQuery is the common query of the v2 lists. `ids` takes at most 100; Pipedrive silently omits missing and invisible ones. */
export interface ListQuery {
  ids?: readonly number[]
  sort_by?: 'id' | 'update_time' | 'add_time'
  sort_direction?: 'asc' | 'desc'
  /** 1 to 500. */
  limit?: number
  cursor?: string
  owner_id?: number
  /** RFC 3339 in whole seconds: changed at or after it. */
  updated_since?: string
}

export interface DealListQuery extends ListQuery {
  include?: readonly string[]
  status?: string | readonly string[]
}

/** A WriteCall is a write as its caller describes it. What shows afterwards whether it was executed follows from its path. */
export interface WriteCall {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  object: string
  id?: RecordId
  /** By which a new record can be found in Pipedrive. */
  title?: string
  body?: object
}

/**
 * A Pipedrive is the API with one key, as calls with a known price. Every method throws the errors of `pipedrive/errors/`:
 * NotFound (404), KeyRefused (401), OutcomeUnknown (409, writes only), BurstExhausted and BudgetExhausted (429), FirewallBlocked (503), Unavailable (503, 504) …
 */
export interface Pipedrive {
  deals: {
    /** 1 token. `include` are include_fields keys; the answer holds them. */
    get(id: number, include?: readonly string[]): Promise<V2DealWithIncluded>
    /** 1 token when GET by id serves it; for archived and deleted deals up to 31, if Pipedrive serves those in its lists only (unknown). */
    find(id: number, include?: readonly string[]): Promise<V2DealWithIncluded>
    /** 10 tokens. */
    list(query?: DealListQuery): Promise<ResultPage<V2DealWithIncluded>>
    /** 5 tokens. */
    create(body: V2DealBody): Promise<V2Deal>
    /** 5 tokens. */
    update(id: number, body: V2DealBody): Promise<V2Deal>
    /** 3 tokens. */
    delete(id: number): Promise<void>
  }
  activities: {
    get(id: number): Promise<V2Activity>
    list(query?: ListQuery): Promise<ResultPage<V2Activity>>
    create(body: V2ActivityBody): Promise<V2Activity>
  }
  stages: { get(id: number): Promise<V2Stage>; list(): Promise<V2Stage[]> }
  pipelines: { list(): Promise<V2Pipeline[]> }
  persons: { get(id: number): Promise<V2Person>; list(query?: ListQuery): Promise<ResultPage<V2Person>> }
  organizations: { get(id: number): Promise<V2Organization>; list(query?: ListQuery): Promise<ResultPage<V2Organization>> }
  users: { me(): Promise<Me>; get(id: number): Promise<V1User>; list(): Promise<V1User[]> }
  activityTypes: { list(): Promise<V1ActivityType[]> }
  currencies: { list(): Promise<V1Currency[]> }
  /** Administrators only: throws Forbidden, and Rejected for an address that Pipedrive does not accept or one webhook too many. */
  webhooks: {
    /** 10 tokens. */
    list(): Promise<V1Webhook[]>
    /** 10 tokens. */
    create(body: V1WebhookBody): Promise<V1Webhook>
    /** 6 tokens. */
    delete(id: number): Promise<void>
  }
  dealFields: { get(code: string): Promise<V2DealField> }
  /** Records of any kind, as Pipedrive sends and takes them. */
  records(name: ResourceName, parents?: ParentIds): RecordCalls
  /** Any write, by its path; returns the `data` of the answer. Whether a lost answer can be found follows from the path (`read-back-list.ts`). */
  write(call: WriteCall): Promise<unknown>
}

/** A RecordListQuery is the query of a list or a search, in Pipedrive's words; `cursor` is also the offset of API v1. */
export type RecordListQuery = Readonly<Record<string, string | number | readonly (string | number)[] | undefined>>

/** RecordCalls are the requests for one kind of record, each at its price in `token-prices.ts`. Errors are those of `Pipedrive`. */
export interface RecordCalls {
  get(id: RecordId, query?: RecordListQuery): Promise<UpstreamRow>
  /** Undefined if it is deleted, merged into another record, or invisible. */
  getExisting(id: RecordId, query?: RecordListQuery): Promise<UpstreamRow | undefined>
  list(query?: RecordListQuery): Promise<ResultPage<UpstreamRow>>
  /** At the lowest price: one by one, or from 10 on as a list. Ids that Pipedrive does not show are absent. */
  getMany(ids: readonly RecordId[], query?: RecordListQuery): Promise<Map<RecordId, UpstreamRow>>
  /** What is found, with few of its fields. */
  search(query: RecordListQuery): Promise<ResultPage<UpstreamRow>>
  create(body: Readonly<Record<string, unknown>>): Promise<UpstreamRow>
  update(id: RecordId, body: Readonly<Record<string, unknown>>): Promise<UpstreamRow>
  delete(id: RecordId): Promise<void>
  /** The definitions of its fields; 10 tokens for each 500. */
  fields(): Promise<V2DealField[]>
}

/** A LinkedRecord is shown by name in the contract, where Pipedrive v2 returns an id. */
export interface LinkedRecord {
  user: V1User
  person: V2Person
  organization: V2Organization
  stage: V2Stage
  activity: V2Activity
  deal: V2Deal
}
export type LinkedKind = keyof LinkedRecord

/** A ListedRecord belongs to a kind of which an account has few: it is read as a whole list. */
export interface ListedRecord {
  user: V1User
  stage: V2Stage
  pipeline: V2Pipeline
  activityType: V1ActivityType
  currency: V1Currency
}

/**
 * ReferenceData is the records behind ids, read at the lowest cost and cached per key. All methods cost nothing if cached.
 * A deleted record is returned as long as Pipedrive returns it. An id that is invisible or unknown upstream is absent from the result, never an error.
 */
export interface ReferenceData {
  /** `onFailure` gets the error of each record that cannot be read; without it the first one is thrown. Errors that concern all of them are thrown. */
  fetch<K extends LinkedKind>(
    kind: K,
    ids: readonly number[],
    onFailure?: (error: DealbridgeError) => void,
  ): Promise<Map<number, LinkedRecord[K]>>
  /** What `pick` finds in the list. If it finds nothing, the list is read again, at most once a minute: the row may have been created since. */
  find<K extends keyof ListedRecord, V>(kind: K, pick: (rows: ListedRecord[K][]) => V | undefined): Promise<V | undefined>
  /** The stage, after at most one fresh read of the list; undefined if it does not exist. */
  stage(id: number): Promise<V2Stage | undefined>
  /** All stages that are not deleted, ordered by pipeline and order_nr. `fresh` reads them now (5 tokens) and renews the cache. */
  stages(options?: { fresh?: boolean }): Promise<V2Stage[]>
  pipelines(options?: { fresh?: boolean }): Promise<V2Pipeline[]>
  /** `fresh` reads them (20 tokens) if they are more than a minute old; the same for activity types and currencies. */
  users(options?: { fresh?: boolean }): Promise<V1User[]>
  activityTypes(options?: { fresh?: boolean }): Promise<V1ActivityType[]>
  currencies(options?: { fresh?: boolean }): Promise<V1Currency[]>
  /** The user of the key (2 tokens, cached 6 h). */
  me(): Promise<Me>
  /**
   * The custom fields of such records (10 tokens, cached 24 h). If `isComplete` finds them wanting, they are read again, at most once a minute: a
   * field or an option may have been added since.
   */
  customFields(name: ResourceName, isComplete: (fields: readonly V2DealField[]) => boolean): Promise<V2DealField[]>
  /** The option ids of the deal field visible_to, ascending (1 token, cached 24 h); empty if Pipedrive offers none. */
  visibleToOptions(): Promise<number[]>
}
