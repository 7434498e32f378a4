import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PATIENCE_MS } from './eventually.fixture.ts'
import { createMetrics } from './prometheus-metrics.ts'

/** The lines of our own metrics, without comments and buckets. */
const lines = async ({ text } = createMetrics()) =>
  (await text()).body.split('\n').filter((line) => line.startsWith('dealbridge_') && !line.includes('_bucket{'))
const call = { method: 'GET', path: '/api/v2/deals/{id}', status: 200, ms: 50, tokens: 1, company: '7' } as const

test('what is counted stands in the text, each thing under its name', async () => {
  const metrics = createMetrics()
  metrics.request('GetDeal', 200, 1_500)
  metrics.request('GetDeal', 429, 500)
  metrics.upstream(call)
  metrics.upstream({ ...call, tokens: 10 })
  metrics.upstream({ ...call, status: 'unreached', tokens: 0, company: 'unknown' })
  metrics.tokensLeft('7', 29_989)
  metrics.tokensLeft('7', 29_979)
  metrics.retry('503')
  metrics.limitHit('calls')
  metrics.idempotency('replayed')
  metrics.lostLocation('TrigNewDeal')
  metrics.webhook('received')
  metrics.events('webhook', 3)
  metrics.attempt('failed', 500)
  metrics.attempt('delivered', 250)
  metrics.delivered(6_000)
  metrics.delivered(-1)
  expect(await lines(metrics)).toEqual([
    'dealbridge_requests_total{operation="GetDeal",status="200"} 1',
    'dealbridge_requests_total{operation="GetDeal",status="429"} 1',
    'dealbridge_request_duration_seconds_sum{operation="GetDeal"} 2',
    'dealbridge_request_duration_seconds_count{operation="GetDeal"} 2',
    'dealbridge_upstream_requests_total{method="GET",path="/api/v2/deals/{id}",status="200"} 2',
    'dealbridge_upstream_requests_total{method="GET",path="/api/v2/deals/{id}",status="unreached"} 1',
    expect.stringMatching(/^dealbridge_upstream_request_duration_seconds_sum\{method="GET",path="\/api\/v2\/deals\/\{id\}"\} 0\.15/),
    'dealbridge_upstream_request_duration_seconds_count{method="GET",path="/api/v2/deals/{id}"} 3',
    'dealbridge_tokens_spent_total{company="7"} 11',
    'dealbridge_tokens_left{company="7"} 29979',
    'dealbridge_limits_hit_total{limit="calls"} 1',
    'dealbridge_retries_total{why="503"} 1',
    'dealbridge_circuits_open 0',
    'dealbridge_circuits_opened_total 0',
    'dealbridge_intents_total{event="replayed"} 1',
    'dealbridge_lost_locations_total{trigger="TrigNewDeal"} 1',
    'dealbridge_webhooks_total{event="received"} 1',
    'dealbridge_events_total{origin="webhook"} 3',
    'dealbridge_delivery_attempts_total{outcome="failed"} 1',
    'dealbridge_delivery_attempts_total{outcome="delivered"} 1',
    'dealbridge_delivery_attempt_duration_seconds_sum 0.75',
    'dealbridge_delivery_attempt_duration_seconds_count 2',
    'dealbridge_delivery_delay_seconds_sum 6',
    'dealbridge_delivery_delay_seconds_count 2',
  ])
})

test('a circuit is open until it closes', async () => {
  const metrics = createMetrics()
  for (const state of ['open', 'open', 'closed'] as const) metrics.circuit(state)
  const text = await lines(metrics)
  expect(text).toContain('dealbridge_circuits_open 1')
  expect(text).toContain('dealbridge_circuits_opened_total 2')
})

test('no label takes more than 200 values: the spending of further companies is added up as "other", and nothing is left of them', async () => {
  const metrics = createMetrics()
  for (let company = 1; company <= 210; company++) {
    metrics.upstream({ ...call, company: String(company) })
    metrics.tokensLeft(String(company), 5)
    metrics.request(`Operation${company}`, 200, 1)
  }
  const text = await lines(metrics)
  const of = (name: string) => text.filter((line) => line.startsWith(`dealbridge_${name}{`))
  expect(of('tokens_spent_total')).toHaveLength(201)
  expect(of('tokens_spent_total')).toContain('dealbridge_tokens_spent_total{company="200"} 1')
  expect(of('tokens_spent_total')).toContain('dealbridge_tokens_spent_total{company="other"} 10')
  expect(of('tokens_left')).toHaveLength(200)
  expect(of('requests_total')).toHaveLength(201)
})

test('two apps in one process count apart, and both tell about the process', async () => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.limitHit('polls')
  expect(await lines(one)).toContain('dealbridge_limits_hit_total{limit="polls"} 1')
  expect((await lines(other)).filter((line) => line.includes('limits_hit'))).toEqual([])
  for (const { text } of [one, other]) {
    const { contentType, body } = await text()
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body).toMatch(/^process_resident_memory_bytes \d+$/m)
    expect(body.match(/^# TYPE process_cpu_seconds_total /gm)).toHaveLength(1)
  }
})

test('metrics that were read do not keep a process alive', () => {
  const program = `import { createMetrics } from '${join(import.meta.dirname, 'prometheus-metrics.ts')}'
    process.stdout.write((await createMetrics().text()).contentType)`
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', timeout: PATIENCE_MS })
  expect([stdout, status]).toEqual(['text/plain; version=0.0.4; charset=utf-8', 0])
})
