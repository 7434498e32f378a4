import type * as z from 'zod'
import type { RecordId } from '../kit/record-id.ts'
import type { LinkedKind, ReferenceData, ResultPage, Pipedrive } from '../pipedrive/pipedrive.ts'
import type { EventType, RecordKind, RecordQuery, TriggerRow } from './contract/records/record-kind.ts'
import type { Mapping } from './mapping.ts'
import type { LeafPath } from './shape.ts'
import type { ObjectName, Verb } from './objects/object-words.ts'
import type { OperationSet } from './set-names.ts'
import type { SourceNote } from './source-notes.ts'

/** The effect of an operation on Pipedrive. Retries, idempotency, MCP hints and CLI confirmation all follow from this word. */
export type Effect = 'read' | 'create' | 'update' | 'delete'
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
/** The methods whose fields stand in a body. */
export const BODY_METHODS: ReadonlySet<HttpMethod> = new Set(['POST', 'PUT', 'PATCH'])

/** An OperationContext is what a running operation may use: one Pipedrive account, and a way to warn the caller. */
export interface OperationContext {
  pipedrive: Pipedrive
  referenceData: ReferenceData
  /** Fills contract rows. Each kind of linked record is fetched once, all kinds in parallel. The name of a record that cannot be read is null, and its kind is reported as incomplete. */
  fill<S, C>(mapping: Mapping<S, C>, source: S): Promise<C>
  /** The same for the rows of a page. */
  fillAll<S, C>(mapping: Mapping<S, C>, sources: readonly S[]): Promise<C[]>
  /** The result of a read that the answer can do without. If it fails, `otherwise`, and `kind` is reported as incomplete. */
  optional<T>(kind: LinkedKind | 'pipeline', reading: Promise<T>, otherwise: T): Promise<T>
  /**
   * Finds the one record with a value, or creates it: once for all calls that look for the same value within ten minutes, in every process on the
   * store. Throws Ambiguous, and OutcomeUnknown or WriteUndecided if it is not known whether a create was executed.
   */
  once<R extends FoundRecord>(sought: SoughtRecord, calls: OnceCalls<R>): Promise<{ row: R; created: boolean }>
  /** Sends a message in the header x-dealbridge-warning; the call still succeeds. */
  warn(message: string): void
  /** Milliseconds since 1970. */
  now(): number
  /** The fields that the caller sent beyond `input`, by their names in the operation's `bodyFields`. */
  extra: Record<string, unknown>
}

/** A SoughtRecord is what a find or create looks for. */
export interface SoughtRecord {
  /** "person", "organization" … */
  object: string
  /** `email`, `phone`, `name`, or the code of a custom field; `found-by.ts` says how each is compared. */
  findBy: string
  /** In any spelling; something has to be left of it when it is compared. */
  value: string
  /** Several records have the value: an error with their ids, which is the default, or the one with the lowest id. */
  onSeveral?: 'error' | 'oldest' | undefined
}

/** A FoundRecord is a record with its id. */
export interface FoundRecord {
  id: RecordId
}

/** OnceCalls are the requests of a find or create. They use the account that they are given, because a write of `context.pipedrive` would not be done once. */
export interface OnceCalls<R extends FoundRecord> {
  /** The ids of the records with the value; 20 tokens by search. */
  find(pipedrive: Pipedrive): Promise<readonly RecordId[]>
  /** Undefined if the record is deleted, was merged into another one, or is invisible; 1 token. */
  read(pipedrive: Pipedrive, id: RecordId): Promise<R | undefined>
  /** One write. */
  create(pipedrive: Pipedrive): Promise<R>
}

/** A BodyField is one name that a caller may send, and where its value goes in the body of API v2. */
export interface BodyField {
  input: z.ZodType
  to: string
  write: (value: never) => unknown
  /** What Pipedrive takes to empty the field; undefined if it cannot be emptied. */
  clear?: null | '' | readonly []
  /** The field with the time of day of this date. A date-time fills both. */
  timeField?: string
}

/** BodyFields are every name that can be written on an object: the contract's, API v2's, and those of API v1 that v2 can still write. */
export type BodyFields = Record<string, BodyField>

/** A Revision is the place of an operation among its versions. One with a `replacement` is deprecated and keeps working. */
export interface Revision {
  family: string
  number: number
  replacement?: string
}

interface OperationBase<I extends z.ZodObject, O extends z.ZodType, Id extends string, R extends Revision> {
  /** The operationId in OpenAPI. Never changes once released: saved flows refer to it. Titles and descriptions are in `locales/`. */
  id: Id
  /** Path parameters in braces are fields of `input`. The other fields are the JSON body of POST, PUT and PATCH, and the query of GET. */
  path: `/${string}`
  input: I
  output: O
  preview?: boolean
  /** `x-ms-api-annotation` of the definition. */
  revision?: R
}

// oxlint-disable-next-line typescript/no-explicit-any -- in a list of operations, the records differ
type MappingTo<C> = Mapping<any, C>

/** An Action is an operation that a flow runs as a step. */
export interface Action<
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodType = z.ZodType,
  Id extends string = string,
  R extends Revision = Revision,
> extends OperationBase<I, O, Id, R> {
  kind: 'action'
  set: OperationSet
  method: HttpMethod
  effect: Effect
  /** Where each field of `output` comes from. */
  fields: MappingTo<z.input<O>>
  /** Designers show actions first that have no rank. */
  rank?: 'normal'
  /** The object and the verb that the action is derived from. */
  derivedFrom?: { object: ObjectName; verb: Verb }
  /** Body fields beyond `input` that are accepted. Any other field is a 400 with the nearest name. */
  bodyFields?: BodyFields
  run(input: z.output<I>, context: OperationContext): Promise<z.input<O>>
}

/** A ListedField says where one value of a drop-down's list comes from: a field of Pipedrive's record, or a source that a note describes. */
export type ListedField = { field: string; api?: 'v1' } | { note: SourceNote }

/** A Lookup is an internal read, a look-up, that fills a drop-down. */
export interface Lookup<
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodType = z.ZodType,
  Id extends string = string,
> extends OperationBase<I, O, Id, Revision> {
  kind: 'lookup'
  method: 'GET'
  effect: 'read'
  /** Where each value of `output` comes from, by its dotted path. */
  fields: Readonly<Record<string, ListedField>>
  /** A cheap read without parameters, which a host calls to check a connection. */
  testsConnection?: true
  run(input: z.output<I>, context: OperationContext): Promise<z.input<O>>
}

/** A PollSource is the list that a polling trigger reads its records from. */
export interface PollSource<S extends TriggerRow, C> {
  /** Costs 10 tokens a page. */
  list(pipedrive: Pipedrive, query: RecordQuery): Promise<ResultPage<S>>
  /** Where each field of `output` comes from. */
  fields: Mapping<S, C>
  /** The owner of a record, if the trigger returns only records of the authorized user. */
  ownerId?: (row: S) => number
}

/** An InstantTrigger is the version of a trigger that Pipedrive's webhooks start. Callers subscribe with `POST /subscriptions/{id of the trigger}`. */
export interface InstantTrigger<O extends z.ZodType = z.ZodType, F extends z.ZodObject = z.ZodObject, Id extends string = string> {
  /** The operationId of that POST. */
  id: Id
  /** The record that a delivery carries. */
  output: O
  /** The filters that a subscriber can set, by the names of `RecordKind.filters`; all optional. */
  filters: F
}

/** A Trigger is an operation that starts a flow. A poll returns an array of `output`. */
export interface Trigger<
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodType = z.ZodType,
  Id extends string = string,
  R extends Revision = Revision,
  T extends InstantTrigger = InstantTrigger,
> extends OperationBase<I, O, Id, R> {
  kind: 'trigger'
  set: OperationSet
  method: 'GET'
  effect: 'read'
  /** The kind of record that the trigger watches. */
  // oxlint-disable-next-line typescript/no-explicit-any -- in a list of triggers, the records differ
  record: RecordKind<any, any>
  /** The event of such a record that starts the flow. */
  event: EventType
  // oxlint-disable-next-line typescript/no-explicit-any -- in a list of triggers, the records differ
  poll: PollSource<any, any>
  instant?: T
}

/** An Operation is anything that the connector offers. Every adapter is derived from a list of them. */
export type Operation = Action | Lookup | Trigger

type Without<T, Fixed extends keyof T> = Omit<T, Fixed>

export const defineAction = <I extends z.ZodObject, O extends z.ZodType, const Id extends string = string, R extends Revision = never>(
  action: Without<Action<I, O, Id, R>, 'kind'>,
): Action<I, O, Id, R> => ({ kind: 'action', ...action })

export const defineLookup = <I extends z.ZodObject, O extends z.ZodType, const Id extends string = string>(
  lookup: Without<Lookup<I, O, Id>, 'kind' | 'method' | 'effect' | 'fields'> & { fields: Record<LeafPath<O>, ListedField> },
): Lookup<I, O, Id> => ({ kind: 'lookup', method: 'GET', effect: 'read', ...lookup })

export const defineTrigger = <
  I extends z.ZodObject,
  O extends z.ZodType,
  S extends TriggerRow,
  const Id extends string = string,
  R extends Revision = never,
  const T extends InstantTrigger = never,
>(
  trigger: Without<Trigger<I, O, Id, R, T>, 'kind' | 'method' | 'effect' | 'poll'> & { poll: PollSource<S, z.input<O>> },
): Trigger<I, O, Id, R, T> => ({ kind: 'trigger', method: 'GET', effect: 'read', ...trigger })
