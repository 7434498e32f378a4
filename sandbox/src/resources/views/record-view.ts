import type { Caller } from '../../state/caller.ts'
import type { Company } from '../../state/company.ts'
import type { Row } from '../../state/records.ts'
import { v1Time } from '../../time.ts'
import type { EventAction } from '../../webhooks/webhook-rows.ts'

/** A Shape is a record in an answer or payload. */
export type Shape = Record<string, unknown>

/** A PayloadContext is what a payload depends on besides the record. */
export interface PayloadContext {
  company: Company
  action: EventAction
}

/** A FieldForms renders one field in each form of a record. */
export interface FieldForms<R> {
  v2: (row: R, caller: Caller) => unknown
  v1: (row: R, caller: Caller) => unknown
  webhook: (row: R, context: PayloadContext) => unknown
}
type Form = keyof FieldForms<Row>
type Fields<R> = Readonly<Record<string, Partial<FieldForms<R>>>>

/** The fields with a function for a form. */
type FieldsIn<F, K> = { [N in keyof F]: K extends keyof F[N] ? N : never }[keyof F]
type Words<S> = S extends `${infer First} ${infer Rest}` ? First | Words<Rest> : S
/** The field lists of a form; an unknown field becomes a type that names it, so that it does not compile. */
type Checked<Lines, Names> = {
  [I in keyof Lines]: [Exclude<Words<Lines[I]>, Names>] extends [never] ? Lines[I] : `unknown: ${Exclude<Words<Lines[I]>, Names> & string}`
}
type Write<R, K extends Form> = (row: R, context: Parameters<FieldForms<R>[K]>[1]) => Shape
/** A RecordView renders the records of one kind in each of Pipedrive's forms. */
export type RecordView<R, K extends Form = Form> = { [F in K]: Write<R, F> }

function writer<R>(fields: Fields<R>, form: Form, lines: readonly string[]) {
  const readers = lines
    .flatMap((line) => line.split(' '))
    .map((name) => [name, fields[name]?.[form] ?? ((row: R) => row[name as keyof R])] as [string, (row: R, context: unknown) => unknown])
  return (row: R, context: unknown): Shape => {
    const shape: Shape = {}
    for (const [name, read] of readers) {
      if (name.startsWith('...')) Object.assign(shape, read(row, context))
      else shape[name] = read(row, context)
    }
    return shape
  }
}

/**
 * Defines all forms of a kind of record. `fields` has the functions of fields that are not simply the column of the same name; `orders` lists the
 * fields of each form in the order of Pipedrive's answers. A name with `...` spreads an object over the record.
 */
export const recordView =
  <R extends Row>() =>
  <const F extends Fields<R>, const L extends Partial<Record<Form, readonly string[]>>>(
    fields: F,
    orders: { [K in keyof L]: Checked<L[K], (keyof R & string) | FieldsIn<F, K>> },
  ): RecordView<R, keyof L & Form> =>
    Object.fromEntries(
      Object.entries(orders as Readonly<Record<string, readonly string[]>>).map(([form, lines]) => [
        form,
        writer(fields as Fields<R>, form as Form, lines),
      ]),
    ) as RecordView<R, keyof L & Form>

/** A time in the form of v1; null stays null. */
export const v1TimeOrNull = (time: string | null): string | null => (time === null ? null : v1Time(time))

/** Time columns, in the form of v1. */
export const times = <N extends string>(...columns: readonly N[]) =>
  Object.fromEntries(
    columns.map((column) => [column, { v1: (row: Readonly<Record<N, string | null>>) => v1TimeOrNull(row[column]) }]),
  ) as Record<N, { v1: (row: Readonly<Record<N, string | null>>) => string | null }>

/** `visible_to` is a number in v2 only. */
const levelText = ({ visible_to }: { visible_to: number }): string => String(visible_to)
export const level = { v1: levelText, webhook: levelText }

const isAlive = ({ is_deleted }: Row): boolean => !is_deleted
/** The active flag of v1 and webhooks, the opposite of `is_deleted`. */
export const alive = { v1: isAlive, webhook: isAlive }

const firstLabel = ({ label_ids }: { label_ids: readonly number[] }): number | null => label_ids[0] ?? null
/** The single label of v1 and webhooks: the first one. */
export const firstOfLabels = { v1: firstLabel, webhook: firstLabel }

const firstChar = ({ name }: { name: string }): string => name.slice(0, 1).toLowerCase()
/** first_char of v1: the lower-case first letter of the name. */
export const firstLetter = { v1: firstChar }
