import type { Walk } from '../walker.ts'

export const leads: Walk = async (ask) => {
  const made = await ask<{ id: string }>('POST', '/v1/leadLabels', { body: { name: 'Lukewarm', color: 'dark-gray' } })
  const label = { id: made.id }
  await ask('PATCH', '/v1/leadLabels/{id}', { params: label, body: { name: 'Tepid' } })
  await ask('GET', '/v1/leadLabels')
  await ask('GET', '/v1/leadSources')

  const { id } = await ask<{ id: string }>('POST', '/v1/leads', {
    body: {
      title: 'Conformance',
      person_id: 1,
      organization_id: 1,
      label_ids: [label.id],
      value: { amount: 1200.5, currency: 'EUR' },
      expected_close_date: '2027-01-31',
      visible_to: '3',
      was_seen: false,
    },
  })
  const params = { id }
  await ask('GET', '/v1/leads', { query: { sort: 'add_time DESC', limit: '2', start: '0' } })
  await ask('GET', '/v1/leads', { query: { limit: '100', updated_since: '2020-01-01T00:00:00Z' } })
  await ask('GET', '/v1/leads/archived', { query: { limit: '5' } })
  await ask('GET', '/v1/leads/{id}', { params })
  await ask('PATCH', '/v1/leads/{id}', { params, body: { title: 'Conforming', was_seen: true, value: null } })
  await ask('GET', '/v1/leads/{id}/permittedUsers', { params })

  const { conversion_id } = await ask<Conversion>('POST', '/api/v2/leads/{id}/convert/deal', { params, body: { stage_id: 2 } })
  const status = { params: { ...params, conversion_id } }
  await ask('GET', '/api/v2/leads/{id}/convert/status/{conversion_id}', status)
  await ask.wait('1m')
  const { deal_id } = await ask<{ deal_id: number }>('GET', '/api/v2/leads/{id}/convert/status/{conversion_id}', status)

  const back = await ask<Conversion>('POST', '/api/v2/deals/{id}/convert/lead', { params: { id: deal_id } })
  const backStatus = { params: { id: deal_id, conversion_id: back.conversion_id } }
  await ask('GET', '/api/v2/deals/{id}/convert/status/{conversion_id}', backStatus)
  await ask.wait('1m')
  const { lead_id } = await ask<{ lead_id: string }>('GET', '/api/v2/deals/{id}/convert/status/{conversion_id}', backStatus)

  await ask('DELETE', '/v1/leads/{id}', { params: { id: lead_id } })
  await ask('DELETE', '/v1/leadLabels/{id}', { params: label })
}

interface Conversion {
  conversion_id: string
}
