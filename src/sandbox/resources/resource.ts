import type * as z from 'zod'
import type { Caller } from '../state/caller.ts'
import type { Company } from '../state/company.ts'
import type { FieldEntity } from '../state/fields.ts'
import type { Row } from '../state/records.ts'
import type { Table } from '../state/table.ts'

/** What a body field may point at; the text is the kind's name in errors. */
export type Reference = 'User' | 'Person' | 'Organization' | 'Deal' | 'Product' | 'Stage' | 'Pipeline'

/** A Body is a validated request body. */
export type Body = Record<string, unknown>

/** A Listing is what GET of a collection offers beyond limit, cursor and sort_direction. */
export interface Listing<R extends Row> {
  /** Parameters that keep rows whose column of the same name holds the value. */
  equals: Record<string, z.ZodType>
  /** The first is the default. */
  sortBy: readonly [keyof R & string, ...(keyof R & string)[]]
  /** Offers ids, updated_since and updated_until (or not that one). */
  searchable?: boolean | 'without updated_until'
  /** Parameters that need `keep`. */
  others?: z.ZodRawShape
  /** Which rows the list is about; by default those that are not deleted. */
  keep?(row: R, query: Record<string, unknown>, caller: Caller): boolean
  /** False where the list, unlike its neighbours, has no include_option_labels and include_labels. */
  optionLabels?: false
}

/** A Writing is how records of a kind are made and changed. Both functions throw Refusals; they get references that exist. */
export interface Writing<R extends Row, B extends z.ZodObject> {
  /** All fields, as an update takes them. */
  fields: B
  required: readonly (keyof z.output<B> & string)[]
  /** The status of a create, where it is documented to be no plain 200. */
  createdStatus?: 201
  references: Readonly<Record<string, Reference>>
  create(body: z.output<B>, caller: Caller): Omit<R, 'id'>
  change(row: R, body: z.output<B>, caller: Caller): Partial<R>
  /** Others get a 403. */
  administratorsOnly?: true
  /** May refuse a deletion, or answer it without doing it. */
  beforeDelete?(row: R, caller: Caller): void
}

/** A Resource is one kind of record under /api/v2 as a table: its prices, parameters, fields and rules. `crud.ts` makes routes of it. */
export interface Resource<R extends Row, B extends z.ZodObject = z.ZodObject> {
  path: string
  /** The name in errors: `Deal not found`. */
  singular: string
  /** Tokens; an operation without a price is not served. */
  prices: { list?: number; get?: number; create?: number; update?: number; delete?: number }
  table(company: Company): Table<R>
  listing: Listing<R>
  canSee(row: R, caller: Caller): boolean
  /** Whether GET by id serves the row; deleted ones are asked too. */
  serves?(row: R, caller: Caller): boolean
  show(row: R, caller: Caller): Record<string, unknown>
  /** What include_fields may name. */
  includes: Readonly<Record<string, (row: R, caller: Caller) => unknown>>
  /** The kind whose field definitions apply: it has custom fields, and with them the parameters custom_fields and include_*labels. */
  entity?: FieldEntity
  /** GET by id takes no parameters. */
  plainGet?: true
  writing?: Writing<R, B>
}
