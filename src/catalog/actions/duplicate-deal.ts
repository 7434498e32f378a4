import * as z from 'zod'
import { isObject } from '../../kit/is-object.ts'
import { id as shownId, nullableInt } from '../contract/shapes/kinds.ts'
import { defineAction } from '../define.ts'
import { id } from '../inputs.ts'
import { defineMapping, fieldRules } from '../mapping.ts'
import { defineShape } from '../shape.ts'

interface Copy {
  id: number | null
  copied_from_id: number
}
const { field } = fieldRules<Copy>()

/** A DealCopy is the id of a new deal. The deal itself is not read: no call that can fail follows the write. */
export const DealCopy = defineShape('DealCopy', z.object({ id: nullableInt(), copied_from_id: shownId() }))

export const duplicateDeal = defineAction({
  id: 'DealDuplicate',
  method: 'POST',
  path: '/v2/deals/{id}/duplicate',
  effect: 'create',
  rank: 'normal',
  set: 'deals',
  input: z.object({ id: id() }),
  output: DealCopy,
  fields: defineMapping<Copy, z.infer<typeof DealCopy>>()({
    id: field('id'),
    copied_from_id: field('copied_from_id'),
  }),
  async run({ id: from }, { pipedrive }) {
    // No list tells a copy from another deal of the same title, so a lost answer leaves the outcome unknown.
    const copy = await pipedrive.write({ method: 'POST', path: `/api/v1/deals/${from}/duplicate`, object: 'deal', id: from })
    const copyId = isObject(copy) ? copy['id'] : undefined
    return { id: typeof copyId === 'number' ? copyId : null, copied_from_id: from }
  },
})
