import type { Walk } from '../walker.ts'

const include_fields =
  'next_activity_id,last_activity_id,first_won_time,products_count,files_count,notes_count,followers_count,email_messages_count,activities_count,done_activities_count,undone_activities_count,participants_count,last_incoming_mail_time,last_outgoing_mail_time,smart_bcc_email,source_lead_id'
const shown = { include_option_labels: 'true', include_labels: 'true' }
const ADMINISTRATOR = '21470311'

export const deals: Walk = async (ask) => {
  const deal = await ask('POST', '/api/v2/deals', {
    body: {
      title: 'Conformance',
      value: 12.5,
      currency: 'EUR',
      person_id: 1,
      org_id: 1,
      stage_id: 1,
      status: 'open',
      probability: 40,
      expected_close_date: '2027-01-31',
      visible_to: 3,
      label_ids: [],
    },
  })
  const params = { id: deal.id }
  await ask('GET', '/api/v2/deals', {
    query: { ids: `1,2,8,${deal.id}`, sort_by: 'update_time', sort_direction: 'desc', limit: '3', include_fields, ...shown },
  })
  await ask('GET', '/api/v2/deals', {
    query: { owner_id: ADMINISTRATOR, status: 'open,won,lost', updated_since: '2026-01-01T00:00:00Z', limit: '500' },
  })
  await ask('GET', '/api/v2/deals', { query: { pipeline_id: '1', stage_id: '1', person_id: '1', org_id: '1' } })
  await ask('GET', '/api/v2/deals/archived', { query: { sort_by: 'add_time', include_fields } })
  await ask('GET', '/api/v2/deals/{id}', { params, query: { include_fields, ...shown } })
  await ask('PATCH', '/api/v2/deals/{id}', { params, body: { status: 'won', won_time: '2026-11-01 10:00:00' } })
  await ask('PATCH', '/api/v2/deals/{id}', { params, body: { status: 'lost', lost_reason: 'Budget' } })

  await participants(ask)
  await ask('GET', '/v1/deals/{id}/permittedUsers', { params })
  await ask('GET', '/v1/deals/{id}/changelog', { params })
  await ask('GET', '/v1/deals/{id}/flow', { params })
  await ask('POST', '/v1/deals/{id}/duplicate', { params })
  await ask('DELETE', '/api/v2/deals/{id}', { params })
}

const participants: Walk = async (ask) => {
  const params = { id: 1 }
  const { id } = await ask('POST', '/v1/deals/{id}/participants', { params, body: { person_id: 5 } })
  await ask('GET', '/v1/deals/{id}/participants', { params, query: { start: '0', limit: '5' } })
  await ask('DELETE', '/v1/deals/{id}/participants/{deal_participant_id}', { params: { ...params, deal_participant_id: id } })
  await ask('GET', '/v1/deals/{id}/participantsChangelog', { params, query: { limit: '1' } })
  await ask('GET', '/v1/deals/{id}/flow', { params, query: { all_changes: '1', limit: '50' } })
}
