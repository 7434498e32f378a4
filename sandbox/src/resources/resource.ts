import type * as z from 'zod'
import type { Caller } from '../state/caller.ts'
import type { Company } from '../state/company.ts'
import type { FieldEntity } from '../state/fields.ts'
import type { Row } from '../state/records.ts'
import type { Table } from '../state/table.ts'
import type { EventObject } from '../webhooks/webhook-rows.ts'
import type { Call } from './route.ts'
import type { RecordView } from './views/record-view.ts'

/** A Reference is the kind of record that a body field refers to, by its name in errors. */
export type Reference = 'User' | 'Person' | 'Organization' | 'Deal' | 'Product' | 'Stage' | 'Pipeline'

/** A Body is a validated request body. */
export type Body = Record<string, unknown>

/** A Listing describes the parameters of GET on a collection, besides paging and (in v2) sort_direction. */
export interface Listing<R extends Row> {
  /** Parameters that filter by the column of the same name. */
  filters?: z.ZodRawShape
  /** The sort columns of a v2 list, the default first; `id` without any. */
  sortBy?: readonly (keyof R & string)[]
  /** Whether the list has the parameters ids, updated_since and updated_until. */
  timeFilters?: boolean | 'without updated_until'
  /** Parameters that `includes` evaluates. */
  otherParameters?: z.ZodRawShape
  /** Whether the list contains a row; by default if it is not deleted. */
  includes?(row: R, query: Record<string, unknown>, caller: Caller): boolean
  /** False if the list has no include_option_labels and include_labels. */
  optionLabels?: false
  /** The list has no pages and no parameters. */
  unpaged?: true
  /** The sort fields of a v1 list, as rendered. */
  sorts?: readonly string[]
  /** The default sort column of a v1 list; `id` without it. */
  order?: keyof R & string
}

/** A Parent is the kind of record below which another one is addressed, as in deals/{id}/discounts. */
export interface Parent<R extends Row, P extends Row> {
  /** The parameters that name the parents, if the path does not. */
  parameters?: z.ZodRawShape
  /** The parents of a list. */
  read(call: Call, query: Body): readonly P[]
  /** The parent is checked before the cursor (an assumption). */
  beforeCursor?: true
  /** The parent of a write, if it can be changed. */
  write(call: Call): P
  /** The rows of a parent. */
  rows(parent: P, caller: Caller): Iterable<R>
  /** Whether a row belongs to a parent. */
  has(parent: P, row: R): boolean
}

/** A Writing describes how records of a kind are created and changed. Its functions may throw Refusals; their references are already checked. */
export interface Writing<R extends Row, B extends z.ZodObject, P extends Row | undefined = undefined> {
  /** All fields of an update. */
  fields: B
  required: readonly (keyof z.output<B> & string)[]
  /** The status of a create, if documented as 201. */
  createdStatus?: 201
  references: Readonly<Record<string, Reference>>
  create(body: z.output<B>, caller: Caller, parent: P): Omit<R, 'id'>
  change(row: R, body: z.output<B>, caller: Caller, parent: P): Partial<R>
  /** An update without an effect changes update_time too. */
  alwaysTouches?: true
  method?: 'PUT'
  /** Other users get a 403. */
  administratorsOnly?: true
  /** May refuse a deletion. */
  beforeDelete?(row: R, caller: Caller): void
  /** Runs after every write. */
  afterWrite?(row: R, caller: Caller, parent: P): void
  /** Writes on a deleted record get a 404. */
  deletedIsMissing?: true
  /** The data of a delete's answer, instead of the id. */
  deleteResult?: true
}

/** A ResourcePayload describes the webhook events of a kind of record. */
export interface ResourcePayload {
  object: EventObject
  /** Changed fields that `previous` of a change omits. */
  omittedFromPrevious?: readonly string[]
  /** Fields that `previous` of a delete omits. */
  omittedOnDelete?: readonly string[]
  /** Whether `previous` of a delete is the state after the deletion. */
  deleteShowsNewState?: true
}

/** The views of a kind of record: that of its API version, and that of payloads if it has events. */
type ViewOf<R> = Partial<RecordView<R>>

/** A Resource describes one kind of record: prices, parameters, fields and rules. `crud.ts` makes its routes. */
export interface Resource<R extends Row, B extends z.ZodObject = z.ZodObject, P extends Row | undefined = undefined> {
  path: string
  /** The API version; v2 by default. */
  api?: 'v1' | 'v2'
  /** The name in errors: `Deal not found`. */
  singular: string
  /** Prices in tokens; an operation without a price does not exist. */
  prices: { list?: number; get?: number; create?: number; update?: number; delete?: number }
  table(company: Company): Table<R>
  /** The name of the id in the path; `id` by default. */
  idName?: string
  /** The public id, if it is the column `uuid`. */
  uuid?: (row: R) => string
  parent?: Parent<R, NonNullable<P>>
  listing: Listing<R>
  /** Visible to all users by default. */
  canSee?(row: R, caller: Pick<Caller, 'company' | 'user' | 'now'>): boolean
  /** Whether GET by id returns the row; also called for deleted rows. */
  isServed?(row: R, caller: Caller): boolean
  view: ViewOf<R>
  payload?: ResourcePayload
  /** The fields that include_fields can name. */
  includes?: Readonly<Record<string, (row: R, caller: Caller) => unknown>>
  /** The kind whose field definitions apply. It has custom fields, and the parameters custom_fields and include_*labels. */
  entity?: FieldEntity
  /** GET by id has no parameters. */
  plainGet?: true
  writing?: Writing<R, B, P>
  /** The error of a missing record, if not the usual one. */
  missing?: { error: string; info?: string }
}
