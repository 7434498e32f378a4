import { expect, test } from 'vitest'
import { expectAllOnce, printTallies } from './triggers-ledger.ts'
import { onBothEngines } from './triggers-engines.ts'
import type { GatedRequest } from './triggers-gate.ts'
import { openWorld } from './triggers-world.ts'

printTallies()

interface Body {
  meta: Record<string, unknown>
  data: Record<string, unknown>
}

onBothEngines('instant triggers and requests that Pipedrive did not send', (engine) => {
  test('a webhook that is forged, replayed, oversized or sent to the path of another webhook triggers nothing', async () => {
    const world = await openWorld('hostile', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    await world.subscribe('TrigDealUpdated', 'updated')
    await world.subscribe('TrigNewActivity', 'activity')
    const [deal] = await world.addDeals(1)
    await world.change([deal!], { title: 'Changed' })
    world.ledger.expect('added', [deal!])
    world.ledger.expect('updated', [deal!])
    const [activity] = (await world.sandbox.request([
      { method: 'POST', path: '/api/v2/activities', body: { subject: 'Call', type: 'call' } },
    ])) as { id: number }[]
    world.ledger.expect('activity', [activity!.id])
    await world.until('these have arrived', () => world.received() === 3)
    await world.idle()

    const hooks = [...world.gate.webhooks]
    const of = (entity: string, action: string): GatedRequest =>
      hooks.find(({ body }) => {
        const { meta } = JSON.parse(body) as Body
        return meta['entity'] === entity && meta['action'] === action
      })!
    const [created, changed, ofActivity] = [of('deal', 'create'), of('deal', 'change'), of('activity', 'create')]
    const send = async ({ path, headers, body }: GatedRequest): Promise<number> => {
      const { authorization = '' } = headers
      const init = { method: 'POST', headers: { 'content-type': 'application/json', authorization }, body }
      return (await fetch(world.gate.url + path, init)).status
    }
    /** A webhook about a deal that has no event yet. */
    const about = (hook: GatedRequest, id: number, meta: object = {}, more: object = {}): string => {
      const body = JSON.parse(hook.body) as Body
      const said = { ...body.meta, id: `forged-${id}`, entity_id: String(id), timestamp: new Date().toISOString() }
      return JSON.stringify({ ...body, meta: { ...said, ...meta }, data: { ...body.data, id }, ...more })
    }
    const forged = { ...created, body: about(created, 9_001) }
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
    const password = Buffer.from(created.headers.authorization!.slice('Basic '.length), 'base64').toString().split(':')[1]!

    // An attacker without the path or the password, or with those of another webhook.
    const refused: GatedRequest[] = [
      { ...forged, path: `/hooks/${'A'.repeat(43)}` },
      { ...forged, path: created.path.slice(0, -1) },
      { ...forged, path: `${created.path}/` + 'x' },
      { ...forged, headers: {} },
      { ...forged, headers: basic('dealbridge:wrong') },
      { ...forged, headers: basic(`dealbridge:${password}x`) },
      { ...forged, headers: { authorization: `Bearer ${password}` } },
      { ...forged, headers: ofActivity.headers },
      { ...forged, path: ofActivity.path },
      { ...ofActivity, path: created.path },
    ]
    for (const hook of refused) expect([401, 404], hook.path.slice(0, 12)).toContain(await send(hook))

    // An attacker with both, who sends what Pipedrive cannot send to this webhook.
    const impossible: string[] = [
      about(created, 9_002, { company_id: '99' }),
      about(created, 9_003, { entity: 'activity' }),
      about(created, 9_004, { version: '1.0' }),
      about(created, 9_005, { entity_id: '9006' }),
      about(created, 9_007, { action: 'steal' }),
      about(created, 9_008, {}, { data: null }),
      '{"meta":null}',
      '[]',
      'no JSON at all',
      '',
    ]
    for (const body of impossible) expect(await send({ ...created, body }), body.slice(0, 60)).toBe(400)
    expect(await send({ ...created, body: about(created, 9_009, {}, { filler: 'x'.repeat(1_100_000) }) })).toBe(413)

    // An attacker who recorded a webhook and replays it unchanged, or as another attempt.
    for (let again = 0; again < 3; again++) for (const hook of [created, changed, ofActivity]) expect(await send(hook)).toBe(200)
    const attempt = ({ body }: GatedRequest) => {
      const said = JSON.parse(body) as Body
      return JSON.stringify({ ...said, meta: { ...said.meta, id: 'another', attempt: 2 } })
    }
    for (const hook of [created, changed, ofActivity]) expect(await send({ ...hook, body: attempt(hook) })).toBe(200)

    const tally = await world.finish()
    expectAllOnce(tally, 0)
    expect(tally.received).toBe(3)
  })
})
