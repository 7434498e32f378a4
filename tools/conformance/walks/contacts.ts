import type { Walk } from '../walker.ts'

const counts =
  'next_activity_id,last_activity_id,open_deals_count,related_open_deals_count,closed_deals_count,related_closed_deals_count,email_messages_count,activities_count,done_activities_count,undone_activities_count,files_count,notes_count,followers_count,won_deals_count,related_won_deals_count,lost_deals_count,related_lost_deals_count,smart_bcc_email'

const kinds = [
  {
    path: 'persons',
    include_fields: `${counts},participant_open_deals_count,participant_closed_deals_count,last_incoming_mail_time,last_outgoing_mail_time,marketing_status,doi_status`,
    body: {
      name: 'Con Formance',
      org_id: 1,
      emails: [{ value: 'con@formance.example', primary: true, label: 'work' }],
      phones: [{ value: '+49 30 1234567', primary: true, label: 'mobile' }],
      visible_to: 3,
      label_ids: [],
    },
    change: { name: 'Con F. Ormance' },
  },
  {
    path: 'organizations',
    include_fields: `${counts},people_count`,
    body: { name: 'Conformance Ltd', address: { value: 'Torstraße 1, Berlin', locality: 'Berlin' }, visible_to: 3 },
    change: { name: 'Conformance Limited' },
  },
]

export const contacts: Walk = async (ask) => {
  for (const { path, include_fields, body, change } of kinds) {
    const { id } = await ask('POST', `/api/v2/${path}`, { body })
    const params = { id }
    const shown = { include_fields, include_option_labels: 'true', include_labels: 'true' }
    await ask('GET', `/api/v2/${path}`, { query: { ids: `1,${id}`, sort_by: 'id', ...shown } })
    await ask('GET', `/api/v2/${path}`, { query: { limit: '500', sort_by: 'update_time', updated_since: '2020-01-01T00:00:00Z' } })
    await ask('GET', `/api/v2/${path}/{id}`, { params, query: shown })
    await ask('PATCH', `/api/v2/${path}/{id}`, { params, body: change })
    await ask('GET', `/v1/${path}/{id}/permittedUsers`, { params })
    await ask('GET', `/v1/${path}/{id}/changelog`, { params, query: { limit: '5' } })
    await ask('GET', `/v1/${path}/{id}/flow`, { params, query: { all_changes: '1' } })
    await ask('DELETE', `/api/v2/${path}/{id}`, { params })
  }
  for (const [path, id] of [
    ['persons', 1],
    ['organizations', 1],
  ] as const)
    await ask('GET', `/v1/${path}/{id}/flow`, { params: { id } })
}
