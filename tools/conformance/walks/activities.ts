import type { Walk } from '../walker.ts'

export const activities: Walk = async (ask) => {
  const activity = await ask('POST', '/api/v2/activities', {
    body: {
      subject: 'Conformance',
      type: 'call',
      due_date: '2027-01-31',
      due_time: '10:00',
      duration: '00:30',
      deal_id: 1,
      participants: [{ person_id: 1, primary: true }],
      location: { value: 'Torstraße 1, Berlin' },
      public_description: 'For everybody',
      note: 'For us',
      busy: true,
      done: false,
    },
  })
  const params = { id: activity.id }
  const query = { include_fields: 'attendees' }
  await ask('GET', '/api/v2/activities', { query: { deal_id: '1', done: 'false', sort_by: 'due_date', ...query } })
  await ask('GET', '/api/v2/activities', { query: { limit: '500', updated_since: '2020-01-01T00:00:00Z', ...query } })
  await ask('GET', '/api/v2/activities/{id}', { params, query })
  await ask('PATCH', '/api/v2/activities/{id}', { params, body: { done: true } })
  await ask('DELETE', '/api/v2/activities/{id}', { params })
}
