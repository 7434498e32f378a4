import type { UpstreamRow } from '../../pipedrive/pipedrive.ts'
import { readCustomFields } from '../custom-fields/read-custom-fields.ts'
import type { OperationContext } from '../define.ts'
import { choice } from '../inputs.ts'
import type { CatalogObject, FieldValues } from './define-object.ts'

/** How a caller wants records to be shown. */
export interface AnswerStyle {
  /** 'code' or 'name'. */
  custom_fields_by?: unknown
  /** 'omit' leaves them out. */
  nulls?: unknown
}

/** The inputs of an AnswerStyle. */
export const styleInputs = ({ customFields }: Pick<CatalogObject, 'customFields'>) => ({
  ...(customFields && { custom_fields_by: choice(['code', 'name']).meta({ visibility: 'advanced' }).optional() }),
  nulls: choice(['omit']).meta({ visibility: 'advanced' }).optional(),
})

const withoutNulls = (row: FieldValues): FieldValues => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))

/** The records as answers have them. */
export async function toAnswers(
  object: CatalogObject,
  rows: readonly UpstreamRow[],
  context: OperationContext,
  { custom_fields_by: by, nulls }: AnswerStyle,
): Promise<FieldValues[]> {
  const shown = object.customFields && by === 'name' ? await readCustomFields(object.name, rows, context) : rows
  const filled = await context.fillAll(object.mapping, shown)
  return nulls === 'omit' ? filled.map(withoutNulls) : filled
}

export async function toAnswer(
  object: CatalogObject,
  row: UpstreamRow,
  context: OperationContext,
  style: AnswerStyle = {},
): Promise<FieldValues> {
  return (await toAnswers(object, [row], context, style))[0]!
}
