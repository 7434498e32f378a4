import type { Walk } from '../walker.ts'

interface Field {
  field_code: string
  options: { id: number }[]
}

/** Every type of Pipedrive's custom fields with a value of it; a function takes the ids of the field's options. */
const values: Record<string, unknown> = {
  varchar: 'Short',
  varchar_auto: 'Short, suggested',
  text: 'Long',
  double: 12.5,
  phone: '+49 30 1234567',
  date: '2027-01-31',
  daterange: { value: '2027-01-01', until: '2027-01-31' },
  time: { value: '10:00:00', timezone_name: 'Europe/Berlin' },
  timerange: { value: '10:00:00', until: '12:00:00', timezone_name: 'Europe/Berlin' },
  enum: ([first]: number[]) => first,
  set: (ids: number[]) => ids,
  address: { value: 'Torstraße 1, Berlin', locality: 'Berlin' },
  monetary: { value: 99.5, currency: 'EUR' },
  org: 1,
  people: 1,
  user: 21470311,
}

const kinds = [
  {
    name: 'deal',
    path: 'deals',
    body: { title: 'Sixteen' },
    settings: {
      ui_visibility: { add_visible_flag: true, show_in_pipelines: { show_in_all: false, pipeline_ids: [1] } },
      important_fields: { enabled: true, stage_ids: [1] },
      required_fields: { enabled: false, stage_ids: [], statuses: {} },
      description: 'What it is for',
    },
  },
  {
    name: 'person',
    path: 'persons',
    body: { name: 'Six Teen' },
    settings: { ui_visibility: { add_visible_flag: true, show_in_add_deal_dialog: { show: true, order: 1 } } },
  },
  {
    name: 'organization',
    path: 'organizations',
    body: { name: 'Sixteen' },
    settings: { ui_visibility: { add_visible_flag: true, show_in_add_person_dialog: { show: true, order: 1 } } },
  },
  { name: 'product', path: 'products', body: { name: 'Sixteen' }, settings: { ui_visibility: { add_visible_flag: true } } },
]

const shown: Record<string, string> = {
  deal: 'ui_visibility,important_fields,required_fields',
  person: 'ui_visibility,important_fields,required_fields',
  organization: 'ui_visibility,important_fields,required_fields',
  product: 'ui_visibility',
  activity: 'ui_visibility',
}

export const fields: Walk = async (ask) => {
  for (const { name, path, body, settings } of kinds) {
    const base = `/api/v2/${name}Fields`
    const custom_fields: Record<string, unknown> = {}
    for (const [field_type, value] of Object.entries(values)) {
      const options = typeof value === 'function' ? { options: [{ label: 'Red' }, { label: 'Blue' }] } : {}
      const field = await ask<Field>('POST', base, { body: { field_name: `A ${field_type}`, field_type, ...options } })
      custom_fields[field.field_code] = typeof value === 'function' ? value(field.options.map(({ id }) => id)) : value
    }
    const { id } = await ask('POST', `/api/v2/${path}`, { body: { ...body, custom_fields } })
    const labels: Record<string, string> = path === 'products' ? {} : { include_option_labels: 'true', include_labels: 'true' }
    await ask('GET', `/api/v2/${path}/{id}`, { params: { id }, query: labels })
    await ask('GET', `/api/v2/${path}`, {
      query: { ids: String(id), custom_fields: Object.keys(custom_fields).slice(0, 15).join(), ...labels },
    })
    await ask('PATCH', `/api/v2/${path}/{id}`, {
      params: { id },
      body: { custom_fields: Object.fromEntries(Object.keys(custom_fields).map((code) => [code, null])) },
    })

    const made = await ask<Field>('POST', base, {
      body: { field_name: 'Size', field_type: 'enum', options: [{ label: 'S' }, { label: 'M' }], ...settings },
    })
    const params = { field_code: made.field_code }
    const [first] = made.options
    await ask('POST', `${base}/{field_code}/options`, { params, body: [{ label: 'L' }] })
    await ask('PATCH', `${base}/{field_code}/options`, { params, body: [{ id: first!.id, label: 'XS' }] })
    await ask('DELETE', `${base}/{field_code}/options`, { params, body: [{ id: first!.id }] })
    await ask('PATCH', `${base}/{field_code}`, { params, body: { field_name: 'Format', ...settings } })
    await ask('GET', base, { query: { limit: '500', include_fields: shown[name]! } })
    await ask('GET', `${base}/{field_code}`, { params, query: { include_fields: shown[name]! } })
    await ask('DELETE', `${base}/{field_code}`, { params })
  }
  await ask('GET', '/api/v2/dealFields', { query: { limit: '5' } })
  await ask('GET', '/api/v2/dealFields/{field_code}', { params: { field_code: 'visible_to' } })
  await ask('GET', '/api/v2/activityFields', { query: { include_fields: shown['activity']! } })
  await ask('GET', '/api/v2/activityFields/{field_code}', { params: { field_code: 'type' } })
}
