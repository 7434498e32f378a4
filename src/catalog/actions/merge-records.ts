import * as z from 'zod'
import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import { id as shownId } from '../contract/shapes/kinds.ts'
import { defineAction } from '../define.ts'
import { id } from '../inputs.ts'
import { defineMapping, fieldRules } from '../mapping.ts'
import { defineShape } from '../shape.ts'

const { field } = fieldRules<{ id: number; merged_id: number }>()

/** A Merged is the record that is left, and the one that is gone. */
export const Merged = defineShape('Merged', z.object({ id: shownId(), merged_id: shownId() }))

const mergeAction = <const Noun extends string>(noun: Noun, plural: string, set: 'deals' | 'contacts') =>
  defineAction({
    id: `${noun}Merge` as const,
    method: 'POST',
    path: `/v2/${plural}/{id}/merge`,
    effect: 'update',
    rank: 'normal',
    set,
    input: z.object({ id: id(), merge_with_id: id() }),
    output: Merged,
    fields: defineMapping<{ id: number; merged_id: number }, z.infer<typeof Merged>>()({ id: field('id'), merged_id: field('merged_id') }),
    async run({ id: from, merge_with_id }, { pipedrive }) {
      if (from === merge_with_id)
        throw new InvalidInput([{ field: 'merge_with_id', message: 'is the same record; name the one that stays' }])
      const path = `/api/v1/${plural}/${from}/merge`
      await pipedrive.write({ method: 'PUT', path, object: noun.toLowerCase(), id: from, body: { merge_with_id } })
      return { id: merge_with_id, merged_id: from }
    },
  })

export const mergeDeals = mergeAction('Deal', 'deals', 'deals')
export const mergePersons = mergeAction('Person', 'persons', 'contacts')
export const mergeOrganizations = mergeAction('Organization', 'organizations', 'contacts')
