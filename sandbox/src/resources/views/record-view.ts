import type { Caller } from '../../state/caller.ts'
import type { Company } from '../../state/company.ts'
import type { Row } from '../../state/records.ts'
import { v1Time } from '../../time.ts'
import type { EventAction } from '../../webhooks/webhook-rows.ts'

/** A Shape is a record as it is written on the wire. */
export type Shape = Record<string, unknown>

/** A PayloadContext is what the payload of a webhook depends on beside the record. */
export interface PayloadContext {
  company: Company
  action: EventAction
}

/** A FieldForms is how one field is written in each form of a record. */
export interface FieldForms<R> {
  v2: (row: R, caller: Caller) => unknown
  v1: (row: R, caller: Caller) => unknown
  webhook: (row: R, context: PayloadContext) => unknown
}
type Form = keyof FieldForms<Row>
type Fields<R> = Readonly<Record<string, Partial<FieldForms<R>>>>

/** The fields of a table that are written in a form. */
type FieldsIn<F, K> = { [N in keyof F]: K extends keyof F[N] ? N : never }[keyof F]
type Words<S> = S extends `${infer First} ${infer Rest}` ? First | Words<Rest> : S
/** The lines of an order; a line with a field that nothing renders becomes a text that names it, so it does not compile. */
type Checked<Lines, Names> = {
  [I in keyof Lines]: [Exclude<Words<Lines[I]>, Names>] extends [never] ? Lines[I] : `unknown: ${Exclude<Words<Lines[I]>, Names> & string}`
}
type Write<R, K extends Form> = (row: R, context: Parameters<FieldForms<R>[K]>[1]) => Shape
/** A RecordView writes the records of one kind, in each form that Pipedrive has for them. */
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
 * One table for all forms of a kind of record. `fields` says how a field is written where that is not the column of its name, by form;
 * `orders` lists the fields of each form in the order of Pipedrive's answers. A name with `...` spreads an object over the record.
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

/** A time as v1 writes it; null stays null. */
export const v1TimeOrNull = (time: string | null): string | null => (time === null ? null : v1Time(time))

/** Times in those columns: v1 writes them in a form of its own. */
export const times = <N extends string>(...columns: readonly N[]) =>
  Object.fromEntries(
    columns.map((column) => [column, { v1: (row: Readonly<Record<N, string | null>>) => v1TimeOrNull(row[column]) }]),
  ) as Record<N, { v1: (row: Readonly<Record<N, string | null>>) => string | null }>

/** `visible_to` is a number in v2 only. */
const levelText = ({ visible_to }: { visible_to: number }): string => String(visible_to)
export const level = { v1: levelText, webhook: levelText }

const isAlive = ({ is_deleted }: Row): boolean => !is_deleted
/** What v1 and webhooks say where v2 has `is_deleted`. */
export const alive = { v1: isAlive, webhook: isAlive }

const firstLabel = ({ label_ids }: { label_ids: readonly number[] }): number | null => label_ids[0] ?? null
/** Contacts had one label before they had many. */
export const firstOfLabels = { v1: firstLabel, webhook: firstLabel }

const firstChar = ({ name }: { name: string }): string => name.slice(0, 1).toLowerCase()
/** The letter below which v1 lists a record. */
export const firstLetter = { v1: firstChar }
