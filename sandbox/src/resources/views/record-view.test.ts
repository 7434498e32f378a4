import { describe, expect, it } from 'vitest'
import type { Caller } from '../../state/caller.ts'
import type { PipelineRow } from '../../state/records.ts'
import { recordView, times } from './record-view.ts'

const row: PipelineRow = {
  id: 7,
  name: 'Sales',
  order_nr: 2,
  is_deal_probability_enabled: true,
  add_time: '2026-03-02T09:00:00Z',
  update_time: null,
  is_deleted: false,
  readable_from: 0,
  deleted_at: null,
}
const caller = {} as Caller

describe('a record view', () => {
  const view = recordView<PipelineRow>()(
    {
      ...times('add_time', 'update_time'),
      '...parts': { v1: ({ name }) => ({ name_length: name.length, name_upper: name.toUpperCase() }) },
    },
    { v2: ['update_time id', 'add_time'], v1: ['id ...parts add_time update_time'] },
  )

  it('writes the columns of a record in the order of the form', () => {
    expect(JSON.stringify(view.v2(row, caller))).toBe('{"update_time":null,"id":7,"add_time":"2026-03-02T09:00:00Z"}')
  })

  it('renders a field with the function of its form, and spreads names that begin with dots', () => {
    expect(JSON.stringify(view.v1(row, caller))).toBe(
      '{"id":7,"name_length":5,"name_upper":"SALES","add_time":"2026-03-02 09:00:00","update_time":null}',
    )
  })

  it('does not compile with a field that the form cannot write', () => {
    // @ts-expect-error no column and no row of the table is called odd
    recordView<PipelineRow>()({}, { v2: ['id odd'] })
    // @ts-expect-error v2 has no rendering of this field
    recordView<PipelineRow>()({ '...parts': { v1: () => ({}) } }, { v2: ['id ...parts'] })
  })
})
