import type * as z from 'zod'
import type { CatalogOperation } from '../index.ts'
import type { InstantTrigger, Operation } from '../define.ts'
import type { FieldPath } from '../shape.ts'
import type { CallbackField, endSubscription } from '../subscriptions.ts'

/** A Label is how one field or parameter is shown: its title, and what it is. */
export interface Label {
  summary: string
  description: string
}

export const label = (summary: string, description: string): Label => ({ summary, description })

/** An OperationText is how one operation is shown, with the parameters that its caller fills in. */
export interface OperationText extends Label {
  /** Only where the operation is deprecated: what to use instead. */
  deprecation?: string
  /** Only of a trigger: what to do in Pipedrive to see it work. */
  hint?: string
  parameters: Record<string, Label>
}

type FieldName<I extends z.ZodObject> = keyof I['shape'] & string
type Deprecation<R> = [R] extends [never] ? unknown : R extends { replacement: string } ? { deprecation: string } : unknown
type Hint<Kind> = Kind extends 'trigger' ? { hint: string } : unknown
type Text<Parameter extends string> = Label & { parameters: Record<Parameter, Label> }

/** The text of each of these operations, by its id. */
type OwnTexts<Op extends Operation> = {
  [O in Op as O['id']]: Text<FieldName<O['input']>> & Hint<O['kind']> & Deprecation<NonNullable<O['revision']>>
}
type InstantOf<Op extends Operation> = NonNullable<Extract<Op, { kind: 'trigger' }>['instant']>
/** The text of the instant version of each trigger, by the id of that version. */
type InstantTexts<T extends InstantTrigger> = { [I in T as I['id']]: Text<FieldName<I['filters']> | CallbackField> & { hint: string } }

/** OperationTexts are what a language says about these operations: an operation or a parameter without a text does not compile. */
export type OperationTexts<Op extends Operation> = OwnTexts<Op> & InstantTexts<InstantOf<Op>>

type Outputs<Op extends Operation> = Op['output'] | InstantOf<Op>['output']
/** DefinitionTexts are the labels of everything that these operations return, by the names of the shapes: a field without a label does not compile. */
export type DefinitionTexts<Op extends Operation> = {
  [O in Extract<Outputs<Op>, { shapeName: string }> as O['shapeName']]: Record<FieldPath<O>, Label>
}

/** LocaleTexts are everything that a language has to say. */
export interface LocaleTexts {
  info: { title: string; description: string }
  /** What a connection is made of: an API key, or user name and password. */
  connection: { api_key: Label; user_name: Label; password: Label }
  /** The request body as a whole, what may be typed where a list is offered, and the answers. */
  request: { body: Label; typed: Record<string, string> }
  /** How the words of a choice are shown; the words themselves are sent. */
  values: Record<string, string>
  responses: { success: string; nothingNew: string; subscribed: string; notified: string; ended: string; failure: string }
  operations: OperationTexts<CatalogOperation> & {
    [Id in (typeof endSubscription)['id']]: Text<FieldName<(typeof endSubscription)['input']>>
  }
  definitions: DefinitionTexts<CatalogOperation>
}
