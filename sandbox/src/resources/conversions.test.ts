import { expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'
import { webhookClient } from '../webhooks/receiver.fixture.ts'

const LEAD = '2b1c9a30-6a5f-11f1-9d2e-7f4c1b0d8e55'

test('conversionSeconds: a lead becomes a deal after that time, with its notes and activities', async () => {
  const { data, ask, clock, sandbox, ids } = sandboxClient()
  const { conversion_id } = await data('POST', `/api/v2/leads/${LEAD}/convert/deal`, { stage_id: 7 })
  const status = () => data('GET', `/api/v2/leads/${LEAD}/convert/status/${String(conversion_id)}`)
  expect(await status()).toEqual({ conversion_id, status: 'not_started' })
  clock.advance(1_000)
  await sandbox.clock.settle()
  expect(await status()).toEqual({ conversion_id, status: 'running' })
  expect((await ask('GET', `/v1/leads/${LEAD}`)).status).toBe(200)
  clock.advance(1_000)
  await sandbox.clock.settle()
  expect(await status()).toEqual({ deal_id: 31, conversion_id, status: 'completed' })

  expect(await data('GET', '/api/v2/deals/31?include_fields=source_lead_id,notes_count,activities_count')).toMatchObject({
    title: 'Request for 40 desks',
    value: 18200,
    person_id: 10,
    org_id: 10,
    stage_id: 7,
    pipeline_id: 2,
    owner_id: 21470317,
    origin: 'Webforms',
    add_time: '2026-11-22T10:00:02Z',
    source_lead_id: LEAD,
    notes_count: 1,
    activities_count: 1,
  })
  expect((await ask('GET', `/v1/leads/${LEAD}`)).status).toBe(404)
  expect(await ids('/v1/notes?deal_id=31')).toEqual([6])
})

test('a deal becomes a lead, and is deleted', async () => {
  const { data, clock, sandbox } = sandboxClient({ conversionSeconds: 0 })
  const { conversion_id } = await data('POST', '/api/v2/deals/1/convert/lead')
  clock.advance(1_000)
  await sandbox.clock.settle()
  const { lead_id, status } = await data('GET', `/api/v2/deals/1/convert/status/${String(conversion_id)}`)
  expect(status).toBe('completed')
  expect(await data('GET', `/v1/leads/${String(lead_id)}`)).toMatchObject({
    title: 'Acme headquarters, floors 3 to 5',
    value: { amount: 128400.5, currency: 'EUR' },
    person_id: 1,
    organization_id: 1,
    source_name: 'Deal',
    source_deal_id: 1,
  })
  expect(await data('GET', '/api/v2/deals/1')).toMatchObject({ is_deleted: true })
  expect(await data<RecordData[]>('GET', `/v1/notes?lead_id=${String(lead_id)}`)).toHaveLength(4)
})

test('a deal without a contact is rejected, and the conversion of a deleted record fails', async () => {
  const { data, clock, sandbox } = sandboxClient()
  const finalStatus = async (path: string, conversion_id: unknown) => {
    clock.advance(2_000)
    await sandbox.clock.settle()
    return (await data('GET', `${path}/convert/status/${String(conversion_id)}`))['status']
  }
  const nobody = await data('POST', '/api/v2/deals/30/convert/lead')
  expect(await finalStatus('/api/v2/deals/30', nobody['conversion_id'])).toBe('rejected')
  const vanishing = await data('POST', `/api/v2/leads/${LEAD}/convert/deal`)
  await data('DELETE', `/v1/leads/${LEAD}`)
  expect(await finalStatus(`/api/v2/leads/${LEAD}`, vanishing['conversion_id'])).toBe('failed')
})

test('what is not there, or belongs to another record, is a 404', async () => {
  const { ask, data } = sandboxClient()
  const { conversion_id } = await data('POST', '/api/v2/deals/1/convert/lead')
  for (const [method, path] of [
    ['POST', '/api/v2/deals/999/convert/lead'],
    ['POST', '/api/v2/leads/nothing/convert/deal'],
    ['GET', `/api/v2/deals/2/convert/status/${String(conversion_id)}`],
    ['GET', `/api/v2/leads/${LEAD}/convert/status/${String(conversion_id)}`],
  ] as const) {
    const reply = await ask(method, path)
    expect([reply.status, reply.body], path).toEqual([
      404,
      { success: false, error: 'Entity was not found', error_info: 'Object was not found.', data: null, additional_data: null },
    ])
  }
  expect((await ask('POST', `/api/v2/leads/${LEAD}/convert/deal`, { stage_id: 99 })).status).toBe(400)
})

test('a restored sandbox continues a pending conversion', async () => {
  const { data, sandbox } = sandboxClient()
  const { conversion_id } = await data('POST', `/api/v2/leads/${LEAD}/convert/deal`)
  const next = sandboxClient()
  next.sandbox.restore(sandbox.snapshot())
  next.clock.advance(2_000)
  await next.sandbox.clock.settle()
  expect((await next.data('GET', `/api/v2/leads/${LEAD}/convert/status/${String(conversion_id)}`))['status']).toBe('completed')
})

test('the event of a conversion names the user who requested it', async () => {
  const client = webhookClient()
  await client.hook('*.deal')
  await client.hook('*.lead')
  await client.data('POST', `/api/v2/leads/${LEAD}/convert/deal`, undefined, 'sandbox-bob')
  await client.sandbox.clock.advance(2_000)
  await client.settle()
  expect(client.received.map(({ meta }) => [meta.action, meta.entity, meta.user_id, meta.change_source])).toEqual([
    ['create', 'deal', '21470312', 'api'],
    ['delete', 'lead', '21470312', 'api'],
  ])
})
