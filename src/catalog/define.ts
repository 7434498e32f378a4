import type * as z from 'zod'
import type { ReferenceData, ResultPage, Pipedrive } from '../pipedrive/pipedrive.ts'
import type { Mapping } from './mapping.ts'
import type { EventType, RecordKind, RecordQuery, TriggerRow } from './contract/records/record-kind.ts'

/** What an operation does to Pipedrive. Retries, MCP hints and CLI confirmation all follow from this one word. */
export type Effect = 'read' | 'create' | 'update' | 'delete'
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** A Context is what a running operation may use: one Pipedrive account, and the way to tell the caller something beside the answer. */
export interface OperationContext {
  pipedrive: Pipedrive
  referenceData: ReferenceData
  /** Fills contract rows, fetching each kind of linked record once, all kinds in one wave. After a write, what fails is null and noted as incomplete. */
  fill<S, C>(mapping: Mapping<S, C>, source: S): Promise<C>
  /** Told to the caller in the header x-dealbridge-warning; the answer is still a success. */
  warn(message: string): void
  /** Milliseconds since 1970. */
  now(): number
  /** What the caller sent beyond the contract, by the names of the operation's `writable`. */
  extra: Record<string, unknown>
}

/** A WritableField is one name that a caller may send, and where it goes in the body that API v2 takes. */
export interface BodyField {
  input: z.ZodType
  to: string
  write: (value: never) => unknown
}

/** A Writable lists every name that can be written on an object: the contract's, API v2's, and those of API v1 that v2 can still write. */
export type BodyFields = Record<string, BodyField>

interface OperationBase<I extends z.ZodObject, O extends z.ZodType> {
  /** The operationId in OpenAPI. Never changes once released: saved flows refer to it. Titles and descriptions: `locales/`. */
  id: string
  /** Path parameters in braces are fields of `input`; its other fields are the JSON body of POST and PUT, the query of GET. */
  path: `/${string}`
  input: I
  output: O
  preview?: boolean
  /** OpenAPI `x-ms-api-annotation`; a deprecated operation names its replacement and keeps working. */
  revision?: { family: string; number: number; replacement?: string }
}

/** An Action is an operation that a flow runs as a step. */
export interface Action<I extends z.ZodObject = z.ZodObject, O extends z.ZodType = z.ZodType> extends OperationBase<I, O> {
  kind: 'action'
  method: Method
  effect: Effect
  /** Body fields beyond the contract that are taken too; any other is a 400 with the nearest name. */
  bodyFields?: BodyFields
  run(input: z.output<I>, context: OperationContext): Promise<z.input<O>>
}

/** A Lookup is an internal read that feeds a drop-down. */
export interface Lookup<I extends z.ZodObject = z.ZodObject, O extends z.ZodType = z.ZodType> extends OperationBase<I, O> {
  kind: 'lookup'
  method: 'GET'
  effect: 'read'
  /** A cheap read without parameters by which a host may find out whether a connection works. */
  testsConnection?: true
  run(input: z.output<I>, context: OperationContext): Promise<z.input<O>>
}

/** A Feed is where a polling trigger finds its records. */
export interface PollSource<S extends TriggerRow, C> {
  /** 10 tokens a page. */
  list(pipedrive: Pipedrive, query: RecordQuery): Promise<ResultPage<S>>
  fields: Mapping<S, C>
  /** Whose record it is, when the trigger is about the authorized user's records only. */
  ownerId?: (row: S) => number
}

/** An Instant is the version of a trigger that Pipedrive's webhooks start: `POST /subscriptions/{id of the trigger}` subscribes to it. */
export interface InstantTrigger<O extends z.ZodType = z.ZodType> {
  /** The operationId of that POST. */
  id: string
  /** What a callback brings: one record. */
  output: O
  /** What can be asked of the record, by the names of `RecordKind.filters`; all optional. */
  filters: z.ZodObject
}

/** A Trigger is an operation that starts a flow; polled it answers an array of `output`. */
export interface Trigger<I extends z.ZodObject = z.ZodObject, O extends z.ZodType = z.ZodType> extends OperationBase<I, O> {
  kind: 'trigger'
  method: 'GET'
  effect: 'read'
  /** What kind of record it tells of. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a list of triggers of different records
  record: RecordKind<any, any>
  /** What must have happened to it. */
  event: EventType
  // oxlint-disable-next-line typescript/no-explicit-any -- a list of triggers of different records
  poll: PollSource<any, any>
  instant?: InstantTrigger
}

export type Operation = Action | Lookup | Trigger

type Without<T, Fixed extends keyof T> = Omit<T, Fixed>
/** Inside the list an operation's input type is no longer known; `run` is called with what its own schema yielded. */
export const defineAction = <I extends z.ZodObject, O extends z.ZodType>(action: Without<Action<I, O>, 'kind'>): Action<I, O> => ({
  kind: 'action',
  ...action,
})

export const defineLookup = <I extends z.ZodObject, O extends z.ZodType>(
  lookup: Without<Lookup<I, O>, 'kind' | 'method' | 'effect'>,
): Lookup<I, O> => ({
  kind: 'lookup',
  method: 'GET',
  effect: 'read',
  ...lookup,
})

export const defineTrigger = <I extends z.ZodObject, O extends z.ZodType, S extends TriggerRow>(
  trigger: Without<Trigger<I, O>, 'kind' | 'method' | 'effect' | 'poll'> & { poll: PollSource<S, z.input<O>> },
): Trigger<I, O> => ({ kind: 'trigger', method: 'GET', effect: 'read', ...trigger })
