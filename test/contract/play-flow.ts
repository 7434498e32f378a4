import { expect } from 'vitest'
import { evaluate } from '../host/expressions.ts'
import { createHost, type Json } from '../host/host.ts'
import type { FlowStep, SampleFlow } from './sample-flows.ts'
import { ALICE, type Row, type World } from './world.ts'

const MINUTE_MS = 60_000

/** A Play is a flow, where it runs, and what makes it run: something that happens between two polls, or a form that is sent. */
export interface Play {
  flow: SampleFlow
  world: World
  /** The definition as the connector serves it, all that a host knows. */
  served: Json
  happens: () => Promise<unknown>
  form?: Row | undefined
}

/** Runs the flow, and gives what each step of each run answered; of a step that calls something else than the connector, the body that it sends. */
export async function playFlow({ flow, world, served, happens, form }: Play): Promise<Map<string, Row>[]> {
  const [trigger, ...actions] = flow.steps as [FlowStep, ...FlowStep[]]
  const host = createHost(served, ALICE, (url, init) => world.http(url, init))

  async function send({ node, operationId, inputs }: FlowStep, value: (given: unknown) => unknown) {
    if (node['type'] === 'OpenApiConnection') {
      const given = Object.entries(inputs).map(([name, one]) => [name.replace(/^body\//, ''), value(one)])
      return host.call(operationId!, Object.fromEntries(given) as Row)
    }
    const { method, path, body } = node['inputs'] as Json
    return world.http(String(value(path)), {
      method: String(method).toUpperCase(),
      headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(value(body)) }),
    })
  }

  /** As a host does it: the first poll brings a Location, the second one asks there. */
  async function poll(): Promise<unknown[]> {
    const first = await send(trigger, (given) => given)
    expect([first.status, first.text]).toEqual([202, ''])
    await happens()
    world.clock.advance((trigger.node['recurrence'] as { interval: number }).interval * MINUTE_MS)
    const second = await host.follow(first.headers.get('location')!)
    expect(second.status).toBe(200)
    return JSON.parse(second.text) as unknown[]
  }

  async function run(row: unknown): Promise<Map<string, Row>> {
    const bodies = new Map<string, Row>()
    const value = (given: unknown) => evaluate(given, { trigger: row, bodies, now: new Date(world.clock.now()) })
    for (const step of actions) {
      if (step.operationId === undefined) {
        bodies.set(step.name, value((step.node['inputs'] as Json)['body']) as Row)
        continue
      }
      const answer = await send(step, value)
      expect([step.name, answer.status, answer.status === 200 ? '' : answer.text]).toEqual([step.name, 200, ''])
      bodies.set(step.name, JSON.parse(answer.text) as Row)
    }
    return bodies
  }

  const runs: Map<string, Row>[] = []
  for (const row of form ? [form] : await poll()) runs.push(await run(row))
  return runs
}
