import type { ActivityResponse } from '../contract/shapes/activity.ts'
import type { DealResponse, DealResponseV2 } from '../contract/shapes/deal.ts'
import type { StageResponse } from '../contract/shapes/stage.ts'

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

/** A Row is a field of a definition, in dots: `status`, `person_id`, `person_id.name`. */
export type FieldPath<T> = {
  [K in keyof T & string]: NonNullable<T[K]> extends object ? K | `${K}.${keyof NonNullable<T[K]> & string}` : K
}[keyof T & string]

/** A ChangeRow is a field of what has changed: of the record, or of what it was before. */
export type ChangeFieldPath<T> = FieldPath<T> | 'changed' | 'previous' | `previous.${FieldPath<T>}`

/** A Vocabulary is what every language has to say: a field of a shape without a label does not compile. */
export interface LocaleTexts {
  info: { title: string; description: string }
  /** What a connection is made of: an API key, or user name and password. */
  connection: { api_key: Label; user_name: Label; password: Label }
  /** The request body as a whole, what may be typed where a list is offered, and the answers. */
  request: { body: Label; typed: Record<string, string> }
  /** How the words of a choice are shown; the words themselves are sent. */
  values: Record<string, string>
  responses: { success: string; nothingNew: string; subscribed: string; notified: string; ended: string; failure: string }
  operations: Record<string, OperationText>
  definitions: {
    DealResponse: Record<FieldPath<DealResponse>, Label>
    DealResponseV2: Record<FieldPath<DealResponseV2>, Label>
    ActivityResponse: Record<FieldPath<ActivityResponse>, Label>
    DealChange: Record<ChangeFieldPath<DealResponseV2>, Label>
    ActivityChange: Record<ChangeFieldPath<ActivityResponse>, Label>
    StageResponse: Record<FieldPath<StageResponse>, Label>
    [list: string]: Record<string, Label>
  }
}
