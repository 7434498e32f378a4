import * as z from 'zod'
import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'
import { InvalidInput } from '../../../kit/errors/invalid-input.ts'
import type { RecordId } from '../../../kit/record-id.ts'
import type { UpstreamRow } from '../../../pipedrive/pipedrive.ts'
import { id as ownId } from '../../contract/shapes/kinds.ts'
import { CLEAR_FIELDS } from '../../body-fields.ts'
import { defineAction, type Action, type OperationContext } from '../../define.ts'
import { fieldRules, type Mapping } from '../../mapping.ts'
import { defineShape } from '../../shape.ts'
import { toAnswer } from '../answer.ts'
import {
  parentInput,
  readRecord,
  recordIdInput,
  recordsOf,
  sentIncluded,
  withCreated,
  type CatalogObject,
  type FieldValues,
} from '../define-object.ts'
import { isEmptyChange, needsBefore, recordBody } from '../record-body.ts'

/** The body fields of a create or an update, with the required ones first. */
export function bodyInputs({ fields, writable, creatable }: CatalogObject, of: 'create' | 'update'): Record<string, z.ZodType> {
  const inputs = Object.entries(of === 'create' ? creatable : writable).map(([name, { input }]) => {
    const field = fields[name]
    const isRequired = of === 'create' && field?.required === true
    const type = field?.advanced ? input.meta({ ...input.meta(), visibility: 'advanced' }) : input
    return { isRequired, entry: [name, isRequired ? type : type.optional()] as const }
  })
  return Object.fromEntries(inputs.toSorted((a, b) => Number(b.isRequired) - Number(a.isRequired)).map(({ entry }) => entry))
}

/** Creates the record, and returns it as a later read would. */
export async function createRecord(object: CatalogObject, given: FieldValues, context: OperationContext): Promise<UpstreamRow> {
  const body = await recordBody(object, given, context)
  return withCreated(object, await recordsOf(object, context, given).create(body), body)
}

/** Changes the record, and returns it as a later read would. `known` is the record as it was just read, if it was. */
export async function updateRecord(
  object: CatalogObject,
  recordId: RecordId,
  given: FieldValues,
  context: OperationContext,
  known?: UpstreamRow,
): Promise<UpstreamRow> {
  const records = recordsOf(object, context, given)
  // Before the write: no call that can fail follows it.
  const before = known ?? (needsBefore(object, given) ? await readRecord(object, recordId, context, given) : undefined)
  const body = await recordBody(object, given, context, before)
  return { ...before, ...sentIncluded(object, body), ...(await records.update(recordId, body)) }
}

export function createAction(object: CatalogObject): Action {
  const { noun, path, name, shape, mapping, creatable } = object
  return defineAction({
    id: `${noun}Create`,
    method: 'POST',
    path,
    effect: 'create',
    rank: 'normal',
    set: object.set,
    derivedFrom: { object: name, verb: 'create' },
    input: z.object({ ...parentInput(object), ...bodyInputs(object, 'create') }),
    output: shape,
    fields: mapping,
    bodyFields: creatable,
    run: async (given, context) => toAnswer(object, await createRecord(object, { ...context.extra, ...given }, context), context),
  })
}

export function updateAction(object: CatalogObject): Action {
  const { noun, path, name, shape, mapping, writable } = object
  return defineAction({
    id: `${noun}Update`,
    method: 'PATCH',
    path: `${path}/{id}`,
    effect: 'update',
    rank: 'normal',
    set: object.set,
    derivedFrom: { object: name, verb: 'update' },
    input: z.object({ ...parentInput(object), id: recordIdInput(object), ...bodyInputs(object, 'update') }),
    output: shape,
    fields: mapping,
    bodyFields: writable,
    async run({ id: recordId, ...given }, context) {
      const changes = { ...context.extra, ...given }
      if (isEmptyChange(object, changes))
        throw new InvalidInput([{ field: 'body', message: `says nothing to change; send a field, or "${CLEAR_FIELDS}"` }])
      return toAnswer(object, await updateRecord(object, recordId, changes, context), context)
    },
  })
}

interface Deletion {
  id: RecordId
  deleted: boolean
}
const { field, derived } = fieldRules<Deletion>()
const deletedFields: Mapping<Deletion, Deletion> = { id: field('id'), deleted: derived('deletedNow', ({ deleted }) => deleted) }
/** What a delete answers, by the kind of id. */
const DELETED: Readonly<Record<'number' | 'uuid', z.ZodType>> = {
  number: defineShape('Deleted', z.object({ id: ownId(), deleted: z.boolean() })),
  uuid: defineShape('DeletedByUuid', z.object({ id: z.string(), deleted: z.boolean() })),
}

export function deleteAction(object: CatalogObject): Action {
  const { noun, path, name, ids = 'number' } = object
  return defineAction({
    id: `${noun}Delete`,
    method: 'DELETE',
    path: `${path}/{id}`,
    effect: 'delete',
    rank: 'normal',
    set: object.set,
    derivedFrom: { object: name, verb: 'delete' },
    input: z.object({ ...parentInput(object), id: recordIdInput(object) }),
    output: DELETED[ids],
    fields: deletedFields,
    async run({ id: recordId, ...input }, context) {
      try {
        await recordsOf(object, context, input).delete(recordId)
        return { id: recordId, deleted: true }
      } catch (error) {
        if (error instanceof DealbridgeError && error.code === 'NotFound') return { id: recordId, deleted: false }
        throw error
      }
    },
  })
}
