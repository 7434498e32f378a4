import { createSandbox, serveSandbox } from '../../sandbox/src/index.ts'
import type { Behaviour } from '../../sandbox/src/behaviour.ts'
import { ALICE } from './triggers-constants.ts'
import { serveCommands } from './triggers-commands.ts'

/** A PipedriveRequest is one request that a test makes to Pipedrive directly. */
export interface PipedriveRequest {
  method: 'POST' | 'PATCH' | 'DELETE' | 'GET'
  path: string
  body?: Record<string, unknown>
}

// A sandbox in its own process with its own clock. Writes arrive in batches over the channel, so that a burst takes no time.
const sandbox = createSandbox()
const served = await serveSandbox({ sandbox, port: 0 })

async function request({ method, path, body }: PipedriveRequest): Promise<unknown> {
  const init = { method, headers: { 'x-api-token': ALICE, 'content-type': 'application/json' } }
  const answer = await sandbox.fetch(new Request(served.url + path, { ...init, ...(body && { body: JSON.stringify(body) }) }))
  const { data, error } = (await answer.json()) as { data: unknown; error?: string }
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${error}`)
  return data
}

const commands = {
  url: () => served.url,
  /** Makes the requests one after the other, with nothing in between. */
  async request(all: PipedriveRequest[]) {
    const answers: unknown[] = []
    for (const one of all) answers.push(await request(one))
    return answers
  },
  setClock: (to: string) => sandbox.clock.set(to),
  advance: (ms: number) => sandbox.clock.advance(ms),
  setBehaviour: (behaviour: Partial<Behaviour>) => void Object.assign(sandbox.behaviour, behaviour),
  /** The tokens that the connector has spent. Only the test writes records. */
  tokensSpent: () =>
    sandbox
      .requests()
      .filter(({ method, path }) => method === 'GET' || !path.startsWith('/api/v2/'))
      .reduce((sum, { tokens }) => sum + tokens, 0),
  webhooks() {
    const { webhooks, deliveries } = sandbox.webhooks()
    const count = (state: string) => deliveries.filter((delivery) => delivery.state === state).length
    const due = deliveries.flatMap(({ next_attempt: at }) => (at === null ? [] : [Date.parse(at)]))
    return {
      live: webhooks.filter(({ is_deleted }) => !is_deleted).map(({ id, banned_until }) => ({ id, isBanned: banned_until !== null })),
      pending: count('pending'),
      due: due.filter((at) => at <= sandbox.clock.now()).length,
      nextAt: due.length > 0 ? Math.min(...due) : null,
      banned: count('banned'),
    }
  },
}
export type SandboxCommands = typeof commands
serveCommands(commands)
