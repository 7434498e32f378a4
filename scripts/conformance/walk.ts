/* The walk through every endpoint that the sandbox serves. Each step is a request that the specification must allow. */

/** A Step's request; `path` is the template, `params` fill it. */
export interface Request {
  params?: Record<string, string | number>
  query?: Record<string, string>
  body?: unknown
}

/** Sends one request and answers the `data` of its answer. */
export type Ask = <T = { id: number }>(method: string, path: string, request?: Request) => Promise<T>

type Walk = (ask: Ask) => Promise<void>

const deals: Walk = async (ask) => {
  const deal = await ask('POST', '/api/v2/deals', {
    body: {
      title: 'Conformance',
      value: 12.5,
      currency: 'EUR',
      person_id: 1,
      org_id: 1,
      stage_id: 1,
      status: 'open',
      expected_close_date: '2027-01-31',
      visible_to: 3,
      label_ids: [],
    },
  })
  const params = { id: deal.id }
  const include_fields = 'next_activity_id,last_activity_id,products_count,participants_count'
  await ask('GET', '/api/v2/deals', {
    query: { ids: `1,2,${deal.id}`, sort_by: 'update_time', sort_direction: 'desc', limit: '5', include_fields },
  })
  await ask('GET', '/api/v2/deals', {
    query: { status: 'won,lost', owner_id: '21470311', include_option_labels: 'true', include_labels: 'true' },
  })
  await ask('GET', '/api/v2/deals/archived', { query: { limit: '5' } })
  await ask('GET', '/api/v2/deals/{id}', { params, query: { include_fields } })
  await ask('PATCH', '/api/v2/deals/{id}', { params, body: { status: 'lost', lost_reason: 'Budget' } })
  await ask('DELETE', '/api/v2/deals/{id}', { params })
}

const activities: Walk = async (ask) => {
  const activity = await ask('POST', '/api/v2/activities', {
    body: {
      subject: 'Conformance',
      type: 'call',
      due_date: '2027-01-31',
      due_time: '10:00',
      duration: '00:30',
      deal_id: 1,
      participants: [{ person_id: 1, primary: true }],
      done: false,
    },
  })
  const params = { id: activity.id }
  await ask('GET', '/api/v2/activities', { query: { deal_id: '1', done: 'false', sort_by: 'due_date', include_fields: 'attendees' } })
  await ask('GET', '/api/v2/activities/{id}', { params })
  await ask('PATCH', '/api/v2/activities/{id}', { params, body: { done: true } })
  await ask('DELETE', '/api/v2/activities/{id}', { params })
}

const contacts: Walk = async (ask) => {
  for (const [kind, body, change] of [
    [
      'persons',
      { name: 'Con Formance', emails: [{ value: 'con@formance.example', primary: true, label: 'work' }] },
      { name: 'Con F. Ormance' },
    ],
    ['organizations', { name: 'Conformance Ltd' }, { name: 'Conformance Limited' }],
  ] as const) {
    const record = await ask('POST', `/api/v2/${kind}`, { body })
    const params = { id: record.id }
    await ask('GET', `/api/v2/${kind}`, { query: { ids: `1,${record.id}`, sort_by: 'id' } })
    await ask('GET', `/api/v2/${kind}/{id}`, { params })
    await ask('PATCH', `/api/v2/${kind}/{id}`, { params, body: change })
    await ask('DELETE', `/api/v2/${kind}/{id}`, { params })
  }
}

const pipelines: Walk = async (ask) => {
  await ask('GET', '/api/v2/stages', { query: { pipeline_id: '1', sort_by: 'order_nr' } })
  await ask('GET', '/api/v2/stages/{id}', { params: { id: 1 } })
  await ask('GET', '/api/v2/pipelines')
  await ask('GET', '/api/v2/pipelines/{id}', { params: { id: 1 } })
}

const fields: Walk = async (ask) => {
  await ask('GET', '/api/v2/dealFields', { query: { limit: '5' } })
  await ask('GET', '/api/v2/dealFields/{field_code}', { params: { field_code: 'visible_to' } })
}

const v1: Walk = async (ask) => {
  await ask('GET', '/v1/users')
  await ask('GET', '/v1/users/me')
  await ask('GET', '/v1/users/{id}', { params: { id: 21470311 } })
  await ask('GET', '/v1/activityTypes')
  await ask('GET', '/v1/currencies', { query: { term: 'eur' } })
}

export const walks: readonly Walk[] = [deals, activities, contacts, pipelines, fields, v1]
