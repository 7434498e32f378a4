import { Hono } from 'hono'
import * as z from 'zod'
import { type Behaviour, checkSwitches, InvalidSwitch } from './behaviour.ts'
import { readDuration } from './duration.ts'
import type { CompanyMeter, Meter } from './quota.ts'
import { type FaultRegistry, type FaultRule, InvalidFault } from './fault-rules.ts'
import type { RequestLog } from './request-log.ts'
import { companiesIn as companies, type World } from './state/company.ts'
import { type Snapshot, readSnapshot, InvalidSnapshot } from './state/snapshot.ts'
import { takeSnapshot } from './state/take-snapshot.ts'
import type { Timeline } from './timeline.ts'
import { webhookControl } from './webhooks/webhook-control.ts'
import type { Webhooks } from './webhooks/webhooks.ts'

/** A ControlledState is the state that the control endpoints read and change. */
interface ControlledState {
  behaviour: Behaviour
  log: RequestLog
  faults: FaultRegistry
  clock: Timeline
  meter: Meter
  world: World
  webhooks: Webhooks
  lateSeconds: number
}

/** RFC 3339 has no later year. */
const LAST_MOMENT = Date.parse('9999-12-31T00:00:00Z')

const clockCommand = z
  .strictObject({
    freeze: z.literal(true).optional(),
    resume: z.literal(true).optional(),
    set: z.iso.datetime({ offset: true, error: 'a time such as "2026-12-01T00:00:00Z"' }).optional(),
    advance: z
      .union([z.string(), z.number()])
      .refine((by) => (readDuration(by) ?? -1) >= 0, { error: 'seconds, or a text such as "90s", "2h" or "3d"; use set to move back' })
      .optional(),
  })
  .refine((order) => Object.keys(order).length > 0 && !(order.freeze && order.resume), {
    error: 'one of {"freeze":true}, {"resume":true}, {"set":"2026-12-01T00:00:00Z"}, {"advance":"90s"}',
  })

const meterCommand = z.strictObject({ company: z.int(), left: z.int().min(0) })

export const companyMeters = ({ world, meter, clock }: Pick<ControlledState, 'world' | 'meter' | 'clock'>): CompanyMeter[] =>
  companies(world).map((company) => meter.read(company, clock.now()))

const describeIssues = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message)).join('; ')

/** The control endpoints below /_sandbox, without a key: what a test needs and Pipedrive does not offer. */
export function controlRoutes(state: ControlledState, reset: (snapshot?: Snapshot) => void): Hono {
  const app = new Hono()
  app.post('/reset', (c) => {
    reset()
    return c.body(null, 204)
  })
  app.get('/snapshot', (c) => c.json(takeSnapshot(state)))
  app.on(['PUT', 'POST'], '/snapshot', async (c) => {
    try {
      reset(readSnapshot(await c.req.json().catch(() => undefined)))
      return c.body(null, 204)
    } catch (error) {
      if (error instanceof InvalidSnapshot) return c.json({ error: error.message }, 400)
      throw error
    }
  })
  app.get('/requests', (c) => c.json(state.log.all()))
  app.route('/webhooks', webhookControl(state))

  app.get('/behaviour', (c) => c.json(state.behaviour))
  app.post('/behaviour', async (c) => {
    const values: unknown = await c.req.json().catch(() => undefined)
    if (typeof values !== 'object' || values === null || Array.isArray(values))
      return c.json({ error: 'Send a JSON object of behaviours and their values.' }, 400)
    try {
      Object.assign(state.behaviour, checkSwitches(values as Record<string, unknown>))
    } catch (error) {
      if (error instanceof InvalidSwitch) return c.json({ error: error.message }, 400)
      throw error
    }
    return c.json(state.behaviour)
  })

  const time = () => ({ now: new Date(state.clock.now()).toISOString(), frozen: state.clock.frozen })
  app.get('/clock', (c) => c.json(time()))
  app.post('/clock', async (c) => {
    const { data, error } = clockCommand.safeParse(await c.req.json().catch(() => undefined))
    if (!data) return c.json({ error: `Invalid clock command: ${describeIssues(error)}` }, 400)
    const { clock } = state
    const from = data.set === undefined ? clock.now() : Date.parse(data.set)
    const to = from + (data.advance === undefined ? 0 : readDuration(data.advance)!)
    if (to > LAST_MOMENT || from < 0) return c.json({ error: 'The time must be between the years 1970 and 9999.' }, 400)
    if (data.freeze) clock.freeze()
    if (data.resume) clock.resume()
    if (data.set !== undefined) clock.set(from)
    if (data.advance !== undefined) clock.advance(to - from)
    await clock.settle()
    return c.json(time())
  })

  app.get('/faults', (c) => c.json(state.faults.list()))
  app.post('/faults', async (c) => {
    try {
      const rule: unknown = await c.req.json().catch(() => undefined)
      return c.json(state.faults.add(rule as FaultRule), 201)
    } catch (error) {
      if (error instanceof InvalidFault) return c.json({ error: error.message }, 400)
      throw error
    }
  })
  app.delete('/faults', (c) => {
    state.faults.clear()
    return c.body(null, 204)
  })
  app.delete('/faults/:id', (c) =>
    state.faults.remove(Number(c.req.param('id'))) ? c.body(null, 204) : c.json({ error: 'There is no fault with this id.' }, 404),
  )

  app.get('/meters', (c) => c.json(companyMeters(state)))
  app.post('/meters', async (c) => {
    const { data, error } = meterCommand.safeParse(await c.req.json().catch(() => undefined))
    if (!data) return c.json({ error: `Send {"company":<id>,"left":<tokens>}: ${describeIssues(error)}` }, 400)
    const company = companies(state.world).find(({ id }) => id === data.company)
    if (!company) return c.json({ error: `There is no company ${data.company}.` }, 400)
    state.meter.setTokensLeft(company, data.left, state.clock.now())
    return c.json(companyMeters(state))
  })
  return app
}
