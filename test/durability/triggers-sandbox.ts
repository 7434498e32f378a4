import { createSandbox, serveSandbox } from '../../sandbox/src/index.ts'
import type { Behaviour } from '../../sandbox/src/behaviour.ts'
import { ALICE, type UpstreamRequest } from './triggers-constants.ts'
import { serveCommands } from './triggers-commands.ts'

// A Pipedrive in a process of its own, with its own clock. Writes come in batches over the channel: a burst is there at once.
const sandbox = createSandbox()
const served = await serveSandbox({ sandbox, port: 0 })

async function ask({ method, path, body }: UpstreamRequest): Promise<unknown> {
  const init = { method, headers: { 'x-api-token': ALICE, 'content-type': 'application/json' } }
  const answer = await sandbox.fetch(new Request(served.url + path, { ...init, ...(body && { body: JSON.stringify(body) }) }))
  const { data, error } = (await answer.json()) as { data: unknown; error?: string }
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${error}`)
  return data
}

const orders = {
  url: () => served.url,
  /** One after the other, nothing in between. */
  async ask(askings: UpstreamRequest[]) {
    const answers: unknown[] = []
    for (const asking of askings) answers.push(await ask(asking))
    return answers
  },
  clock: (to: string) => sandbox.clock.set(to),
  advance: (ms: number) => sandbox.clock.advance(ms),
  behave: (behaviour: Partial<Behaviour>) => void Object.assign(sandbox.behaviour, behaviour),
  /** What others than the test have spent: the test alone writes records. */
  spent: () =>
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
export type SandboxCommands = typeof orders
serveCommands(orders)
