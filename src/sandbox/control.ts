import { Hono } from 'hono'
import { type Behaviour, checkSwitches, WrongSwitch } from './behaviour.ts'
import type { RequestLog } from './request-log.ts'

/** What the control routes may touch. */
interface Controlled {
  behaviour: Behaviour
  log: RequestLog
}

/** Below /_sandbox, without a key: what a test needs that Pipedrive does not have. */
export function controlRoutes(state: Controlled, reset: () => void): Hono {
  const app = new Hono()
  app.post('/reset', (c) => {
    reset()
    return c.body(null, 204)
  })
  app.get('/requests', (c) => c.json(state.log.all()))
  app.get('/behaviour', (c) => c.json(state.behaviour))
  app.post('/behaviour', async (c) => {
    const chosen: unknown = await c.req.json().catch(() => undefined)
    if (typeof chosen !== 'object' || chosen === null || Array.isArray(chosen))
      return c.json({ error: 'Send a JSON object of behaviours and their values.' }, 400)
    try {
      Object.assign(state.behaviour, checkSwitches(chosen as Record<string, unknown>))
    } catch (error) {
      if (error instanceof WrongSwitch) return c.json({ error: error.message }, 400)
      throw error
    }
    return c.json(state.behaviour)
  })
  return app
}
