import type * as z from 'zod'
import type { Caller } from '../state/caller.ts'
import type { Company } from '../state/company.ts'
import type { FieldEntity } from '../state/fields.ts'
import type { Row } from '../state/records.ts'
import type { Table } from '../state/table.ts'
import type { EventObject } from '../webhooks/webhook-rows.ts'
import type { Call } from './route.ts'
import type { RecordView } from './views/record-view.ts'

/** What a body field may point at; the text is the kind's name in errors. */
export type Reference = 'User' | 'Person' | 'Organization' | 'Deal' | 'Product' | 'Stage' | 'Pipeline'

/** A Body is a validated request body. */
export type Body = Record<string, unknown>

/** A Listing is what GET of a collection offers beyond paging and, in v2, sort_direction. */
export interface Listing<R extends Row> {
  /** Parameters that keep rows whose column of the same name holds the value. */
  filters?: z.ZodRawShape
  /** The columns that a list of v2 can be sorted by, the default first. Without any, it is in the order of ids. */
  sortBy?: readonly (keyof R & string)[]
  /** Offers ids, updated_since and updated_until (or not that one). */
  timeFilters?: boolean | 'without updated_until'
  /** Parameters that need `keep`. */
  otherParameters?: z.ZodRawShape
  /** Which rows the list is about; by default those that are not deleted. */
  includes?(row: R, query: Record<string, unknown>, caller: Caller): boolean
  /** False where the list, unlike its neighbours, has no include_option_labels and include_labels. */
  optionLabels?: false
  /** The list has no pages and takes no parameters. */
  unpaged?: true
  /** What a list of v1 can be sorted by: fields as it shows them. */
  sorts?: readonly string[]
  /** The column whose order a list of v1 has; `id` without it. */
  order?: keyof R & string
}

/** A Parent is the kind of record below which another kind is found, as in deals/{id}/discounts. */
export interface Parent<R extends Row, P extends Row> {
  /** The parameters of the list, where the path does not name the parent. */
  parameters?: z.ZodRawShape
  /** Those below which a list looks. */
  read(call: Call, query: Body): readonly P[]
  /** The parent is looked for before the cursor is read (an assumption). */
  beforeCursor?: true
  /** The one below which a write happens, when it can be changed. */
  write(call: Call): P
  /** The rows below it. */
  rows(parent: P, caller: Caller): Iterable<R>
  /** Whether a row is found below it. */
  has(parent: P, row: R): boolean
}

/** A Writing is how records of a kind are made and changed. Its functions throw Refusals; they get references that exist. */
export interface Writing<R extends Row, B extends z.ZodObject, P extends Row | undefined = undefined> {
  /** All fields, as an update takes them. */
  fields: B
  required: readonly (keyof z.output<B> & string)[]
  /** The status of a create, where it is documented to be no plain 200. */
  createdStatus?: 201
  references: Readonly<Record<string, Reference>>
  create(body: z.output<B>, caller: Caller, parent: P): Omit<R, 'id'>
  change(row: R, body: z.output<B>, caller: Caller, parent: P): Partial<R>
  /** An update that says what is already so counts as a change too. */
  alwaysTouches?: true
  method?: 'PUT'
  /** Others get a 403. */
  administratorsOnly?: true
  /** May refuse a deletion, or answer it without doing it. */
  beforeDelete?(row: R, caller: Caller): void
  /** What a write of any kind has as its consequence. */
  afterWrite?(row: R, caller: Caller, parent: P): void
  /** A deleted record is missing to writes, not refused. */
  deletedIsMissing?: true
  /** What a deletion answers instead of the id. */
  deleteResult?: true
}

/** A ResourcePayload is what a webhook tells of a kind of record beside the record itself. */
export interface ResourcePayload {
  object: EventObject
  /** What `previous` of a change leaves out, although it has changed. */
  omittedFromPrevious?: readonly string[]
  /** Fields that the last state in a delete leaves out. */
  omittedOnDelete?: readonly string[]
  /** Whether the last state in a delete is the one after it, with its flag and time. */
  deleteShowsNewState?: true
}

/** The forms that a kind of record needs: that of its API, and that of payloads when webhooks tell of it. */
type ViewOf<R> = Partial<RecordView<R>>

/** A Resource is one kind of record as a table: its prices, parameters, fields and rules. `crud.ts` makes routes of it. */
export interface Resource<R extends Row, B extends z.ZodObject = z.ZodObject, P extends Row | undefined = undefined> {
  path: string
  /** Which API has it; v2 without. */
  api?: 'v1' | 'v2'
  /** The name in errors: `Deal not found`. */
  singular: string
  /** Tokens; an operation without a price is not served. */
  prices: { list?: number; get?: number; create?: number; update?: number; delete?: number }
  table(company: Company): Table<R>
  /** The name of the id in the path; `id` without it. */
  idName?: string
  /** Its ids on the wire are those of the column `uuid`. */
  uuid?: (row: R) => string
  parent?: Parent<R, NonNullable<P>>
  listing: Listing<R>
  /** By default everybody sees it. */
  canSee?(row: R, caller: Pick<Caller, 'company' | 'user' | 'now'>): boolean
  /** Whether GET by id serves the row; deleted ones are asked too. */
  isServed?(row: R, caller: Caller): boolean
  view: ViewOf<R>
  payload?: ResourcePayload
  /** What include_fields may name. */
  includes?: Readonly<Record<string, (row: R, caller: Caller) => unknown>>
  /** The kind whose field definitions apply: it has custom fields, and with them the parameters custom_fields and include_*labels. */
  entity?: FieldEntity
  /** GET by id takes no parameters. */
  plainGet?: true
  writing?: Writing<R, B, P>
  /** What a missing record is answered with, where that is not usual. */
  missing?: { error: string; info?: string }
}
