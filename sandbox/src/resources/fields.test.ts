import { describe, expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'
import { fields } from '../seed/brightwater.fixture.ts'
import { customTypes } from '../state/fields.ts'

interface Field {
  field_name: string
  field_code: string
  field_type: string
  options: { id: number; label: string }[] | null
  is_custom_field: boolean
  is_optional_response_field: boolean
  [part: string]: unknown
}
const BOB = 'sandbox-bob'
const written = ['deal', 'person', 'organization', 'product'] as const
const NOW = '2026-11-22T10:00:00Z'

describe.each(written)('%sFields', (entity) => {
  const path = `/api/v2/${entity}Fields`

  test('a field is created, read, changed and deleted', async () => {
    const { data, ask } = sandboxClient()
    const created = await data<Field>('POST', path, { field_name: 'Note', field_type: 'varchar' })
    expect(created).toMatchObject({ field_name: 'Note', field_type: 'varchar', options: null, subfields: null, is_custom_field: true })
    expect(created.field_code).toMatch(/^[0-9a-f]{40}$/)
    const one = `${path}/${created.field_code}`
    expect(await data('PATCH', one, { field_name: 'Remark' })).toMatchObject({ field_name: 'Remark', field_code: created.field_code })
    expect(await data('GET', one)).toMatchObject({ field_name: 'Remark', is_optional_response_field: false })
    const listed = await data<Field[]>('GET', `${path}?limit=500`)
    expect(listed.at(-1)!.field_code).toBe(created.field_code)
    expect(await data('DELETE', one)).toMatchObject({ field_name: 'Remark' })
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect((await ask(method, one, method === 'PATCH' ? { field_name: 'x' } : undefined)).status, method).toBe(404)
    expect((await data<Field[]>('GET', `${path}?limit=500`)).length).toBe(listed.length - 1)
  })

  test('only administrators write definitions', async () => {
    const { ask } = sandboxClient()
    for (const [method, below, body] of [
      ['POST', '', { field_name: 'x', field_type: 'text' }],
      ['PATCH', '/name', { ui_visibility: {} }],
      ['DELETE', '/name', undefined],
      ['POST', '/name/options', [{ label: 'x' }]],
      ['PATCH', '/name/options', [{ id: 1, label: 'x' }]],
      ['DELETE', '/name/options', [{ id: 1 }]],
    ] as const)
      expect((await ask(method, path + below, body, BOB)).status, method + below).toBe(403)
    expect((await ask('GET', path, undefined, BOB)).status).toBe(200)
  })

  test('options are added, renamed and deleted, all or none', async () => {
    const { data, ask } = sandboxClient()
    const body = { field_name: 'Size', field_type: 'set', options: [{ label: 'S' }, { label: 'M' }] }
    const { field_code, options } = await data<Field>('POST', path, body)
    const [small, medium] = options!.map(({ id }) => id) as [number, number]
    const here = `${path}/${field_code}/options`
    const added = await ask<{ data: RecordData[]; additional_data: null }>('POST', here, [{ label: 'L' }])
    const large = added.body.data[0]!.id
    expect(added.body).toEqual({ success: true, data: [{ id: large, label: 'L' }], additional_data: null })
    expect(new Set([small, medium, large]).size).toBe(3)
    expect(await data('PATCH', here, [{ id: small, label: 'XS' }])).toEqual([{ id: small, label: 'XS' }])
    for (const method of ['PATCH', 'DELETE']) {
      const reply = await ask(method, here, [
        { id: small, ...(method === 'PATCH' && { label: 'x' }) },
        { id: 9999, ...(method === 'PATCH' && { label: 'y' }) },
      ])
      expect([reply.status, reply.body.error], method).toEqual([400, 'Validation failed: id: Option 9999 not found.'])
    }
    expect(await data('DELETE', here, [{ id: medium }])).toEqual([{ id: medium, label: 'M' }])
    const after = await data<Field>('GET', `${path}/${field_code}`)
    expect(after.options!.map(({ id, label }) => [id, label])).toEqual([
      [small, 'XS'],
      [large, 'L'],
    ])
  })
})

test.each(customTypes)('a field of type %s can be created', async (field_type) => {
  const options = field_type === 'enum' || field_type === 'set' ? [{ label: 'One' }] : undefined
  const created = await sandboxClient().data<Field>('POST', '/api/v2/dealFields', {
    field_name: 'x',
    field_type,
    ...(options && { options }),
  })
  expect(created).toMatchObject({ field_type, options: options ? [{ label: 'One', add_time: NOW }] : null })
})

test.each([
  [{}, 'field_name: This value is required.; field_type: This value is required.'],
  [{ field_name: '', field_type: 'text' }, 'field_name: This value should not be blank.'],
  [{ field_name: 'x'.repeat(256), field_type: 'text' }, 'field_name: The value is not between 1 and 255 characters'],
  [{ field_name: 'x', field_type: 'enum' }, 'options: At least one option is required.'],
  [{ field_name: 'x', field_type: 'set', options: [] }, 'options: At least one option is required.'],
  [{ field_name: 'x', field_type: 'text', options: [{ label: 'x' }] }, 'options: Options are for the field types enum and set only.'],
  [{ field_name: 'x', field_type: 'text', field_code: 'mine' }, "field_code: Parameter 'field_code' is not allowed for this request"],
  [{ field_name: 'x', field_type: 'text', important_fields: { enabled: true, stage_ids: [99] } }, 'important_fields: Stage 99 not found.'],
  [{ field_name: 'x', field_type: 'text', required_fields: { statuses: { 9: ['won'] } } }, 'required_fields: Pipeline 9 not found.'],
  [
    {
      field_name: 'x',
      field_type: 'text',
      ui_visibility: { show_in_pipelines: { show_in_all: false, pipeline_ids: [2] } },
      important_fields: { enabled: true, stage_ids: [1] },
    },
    'important_fields: The field is not shown in the pipeline of stage 1.',
  ],
])('POST /dealFields %j is refused', async (body, text) => {
  const reply = await sandboxClient().ask('POST', '/api/v2/dealFields', body)
  expect([reply.status, reply.body.error]).toEqual([400, `Validation failed: ${text}`])
})

test('field types that only Pipedrive itself uses are refused', async () => {
  for (const field_type of ['int', 'boolean', 'visible_to', 'stage']) {
    const reply = await sandboxClient().ask('POST', '/api/v2/dealFields', { field_name: 'x', field_type })
    expect(reply.body.error, field_type).toContain('field_type: The value is not one of')
  }
})

test('settings are shown when include_fields names them, and are merged by a PATCH', async () => {
  const { data, ask } = sandboxClient()
  const path = `/api/v2/dealFields/${fields.region}`
  await data('PATCH', path, {
    ui_visibility: { add_visible_flag: true },
    important_fields: { enabled: true, stage_ids: [2] },
    required_fields: { enabled: true, statuses: { 1: ['won'] } },
    description: 'Where it is',
  })
  expect(await data('GET', path)).not.toHaveProperty('ui_visibility')
  expect(await data('GET', `${path}?include_fields=ui_visibility,important_fields,required_fields`)).toMatchObject({
    description: 'Where it is',
    ui_visibility: { add_visible_flag: true, details_visible_flag: true, show_in_pipelines: { show_in_all: true, pipeline_ids: [] } },
    important_fields: { enabled: true, stage_ids: [2] },
    required_fields: { enabled: true, stage_ids: [], statuses: { 1: ['won'] } },
  })
  const off = await data('PATCH', path, { important_fields: { enabled: false } })
  expect(off['important_fields']).toEqual({ enabled: false, stage_ids: [] })
  expect((await ask('PATCH', path, {})).body.error).toBe('At least one field must be given.')
  expect((await ask('PATCH', path, { field_type: 'text' })).status).toBe(400)
  expect((await ask('GET', '/api/v2/productFields/name?include_fields=required_fields')).status).toBe(400)
})

test('organization fields also say on whose pages they stand', async () => {
  const path = '/api/v2/organizationFields/name?include_fields=ui_visibility'
  expect((await sandboxClient().data<Field>('GET', path))['ui_visibility']).toMatchObject({
    org_detail_visible_flag: true,
    person_detail_visible_flag: false,
    deal_detail_visible_flag: false,
  })
})

test('a field added to a dialog gets the last place, and loses it when removed', async () => {
  const { data } = sandboxClient()
  const show = async (code: string, shown: boolean) => {
    const field = await data('PATCH', `/api/v2/personFields/${code}`, { ui_visibility: { show_in_add_deal_dialog: { show: shown } } })
    return (field['ui_visibility'] as Record<string, unknown>)['show_in_add_deal_dialog']
  }
  expect(await show('emails', true)).toEqual({ show: true, order: 1 })
  expect(await show('phones', true)).toEqual({ show: true, order: 2 })
  expect(await show('emails', true)).toEqual({ show: true, order: 1 })
  expect(await show('emails', false)).toEqual({ show: false, order: null })
})

test("Pipedrive's own fields keep their names; their settings can be changed", async () => {
  const { ask, data } = sandboxClient()
  const path = '/api/v2/dealFields/lost_reason'
  expect((await ask('PATCH', path, { field_name: 'Why' })).body.error).toContain(
    'lost_reason is a field of Pipedrive and can not be changed.',
  )
  expect(await data('PATCH', path, { ui_visibility: { add_visible_flag: false } })).toMatchObject({
    ui_visibility: { add_visible_flag: false },
  })
  const pinned = await ask('PATCH', '/api/v2/dealFields/title', { ui_visibility: { add_visible_flag: false } })
  expect(pinned.body.error).toBe("Validation failed: ui_visibility: 'title' is always shown when a record is added.")
})

test("Pipedrive's own fields can not be deleted", async () => {
  const { ask } = sandboxClient()
  expect((await ask('DELETE', '/api/v2/dealFields/title')).status).toBe(400)
})

test('labels are options of label_ids: they can be written there, unlike those of other fields of Pipedrive', async () => {
  const { data, ask } = sandboxClient()
  const here = '/api/v2/personFields/label_ids/options'
  const [{ id }] = (await data<RecordData[]>('POST', here, [{ label: 'Pays late' }])) as [RecordData]
  await data('PATCH', '/api/v2/persons/1', { label_ids: [id] })
  expect((await data('GET', '/api/v2/persons/1?include_labels=true'))['labels']).toEqual([{ id, label: 'Pays late' }])
  expect((await ask('POST', '/api/v2/dealFields/status/options', [{ label: 'x' }])).status).toBe(400)
  expect((await ask('POST', '/api/v2/dealFields/title/options', [{ label: 'x' }])).status).toBe(400)
})

test('a new field is null on every record; a deleted one is not returned, and refused in bodies', async () => {
  const { data, ask } = sandboxClient()
  const { field_code } = await data<Field>('POST', '/api/v2/dealFields', { field_name: 'x', field_type: 'double' })
  const values = async () => (await data('GET', '/api/v2/deals/8'))['custom_fields'] as Record<string, unknown>
  expect((await values())[field_code]).toBeNull()
  await data('PATCH', '/api/v2/deals/8', { custom_fields: { [field_code]: 1 } })
  expect((await values())[field_code]).toBe(1)
  await data('DELETE', `/api/v2/dealFields/${field_code}`)
  expect(await values()).not.toHaveProperty(field_code)
  const reply = await ask('PATCH', '/api/v2/deals/8', { custom_fields: { [field_code]: 2 } })
  expect(reply.body.error).toBe(`Validation failed: custom_fields: Unknown key '${field_code}'`)
})

test('a deleted option is removed from records; its id is not reused', async () => {
  const { data } = sandboxClient()
  await data('DELETE', `/api/v2/dealFields/${fields.rooms}/options`, [{ id: 62 }])
  await data('DELETE', `/api/v2/dealFields/${fields.wood}/options`, [{ id: 53 }])
  expect((await data('GET', '/api/v2/deals/8'))['custom_fields']).toMatchObject({ [fields.rooms]: [64], [fields.wood]: null })
  await data('DELETE', '/api/v2/dealFields/label_ids/options', [{ id: 11 }])
  expect((await data('GET', '/api/v2/deals/2'))['label_ids']).toEqual([12])
  const options = await data<RecordData[]>('POST', `/api/v2/dealFields/${fields.wood}/options`, [{ label: 'Ash' }])
  expect(options[0]!.id).toBeGreaterThan(265)
})

test('fields that records show on demand say so, and name their parts when they have some', async () => {
  const { data } = sandboxClient()
  expect(await data('GET', '/api/v2/dealFields/next_activity_id')).toMatchObject({ is_optional_response_field: true })
  const parts = async (path: string) =>
    ((await data('GET', path))['subfields'] as { field_code: string }[]).map(({ field_code }) => field_code)
  expect(await parts('/api/v2/dealFields/value')).toEqual(['value', 'currency'])
  expect(await parts(`/api/v2/dealFields/${fields.dockHours}`)).toEqual(['value', 'until', 'timezone_id', 'timezone_name'])
  expect(await parts('/api/v2/organizationFields/address')).toContain('postal_code')
})

test('the fields of activities can only be read; they name types and priorities', async () => {
  const { data, ask } = sandboxClient()
  const type = await data<Field>('GET', '/api/v2/activityFields/type')
  expect(type.options).toContainEqual({ id: 'site_visit', label: 'Site visit' })
  expect((await data<Field>('GET', '/api/v2/activityFields/priority?include_fields=ui_visibility')).options).toContainEqual({
    id: 263,
    label: 'High',
  })
  expect((await data<Field[]>('GET', '/api/v2/activityFields')).at(-1)).toMatchObject({ field_code: fields.travel, is_custom_field: true })
  expect((await ask('POST', '/api/v2/activityFields', { field_name: 'x', field_type: 'text' })).status).toBe(404)
})

test('definitions are listed page by page', async () => {
  const { ask, data } = sandboxClient()
  const found: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const reply: { body: { data: Field[]; additional_data: { next_cursor: string | null } } } = await ask(
      'GET',
      `/api/v2/organizationFields?limit=7${cursor && `&cursor=${cursor}`}`,
    )
    found.push(...reply.body.data.map(({ field_code }) => field_code))
    cursor = reply.body.additional_data.next_cursor
  }
  expect(found).toEqual((await data<Field[]>('GET', '/api/v2/organizationFields')).map(({ field_code }) => field_code))
  expect((await ask('GET', '/api/v2/organizationFields?cursor=x')).status).toBe(400)
})

test('every field that a record shows is defined, and every definition is of a field that records show or can show', async () => {
  const { data } = sandboxClient()
  for (const [entity, path] of [
    ['deal', 'deals/8'],
    ['person', 'persons/1'],
    ['organization', 'organizations/1'],
    ['product', 'products/1'],
    ['activity', 'activities/1'],
  ] as const) {
    const known = await data<Field[]>('GET', `/api/v2/${entity}Fields?limit=500`)
    const optional = known.filter((field) => field.is_optional_response_field).map(({ field_code }) => field_code)
    const shown = await data('GET', `/api/v2/${path}${optional.length > 0 ? `?include_fields=${optional.join()}` : ''}`)
    const standard = known.filter((field) => !field.is_custom_field).map(({ field_code }) => field_code)
    expect(
      standard.filter((code) => !(code in shown)),
      entity,
    ).toEqual([])
    expect(
      Object.keys(shown).filter((code) => !standard.includes(code) && !/^(local_|conference_|custom_fields$|currency$)/.test(code)),
      entity,
    ).toEqual([])
  }
})
