import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'undici'
import type { UpstreamCall } from './recipe.ts'

export const dispatcher = new Agent({ connections: 64 })

/** A Server is one server of a bench, in its own process. */
export interface Server {
  url: string
  process: ChildProcess
  cpuMs(): Promise<number>
  /** Resident memory, in MiB. */
  rssMb(): Promise<number>
  /** How late its event loop was, 99th percentile since anything was asked last. */
  loopDelayMs(): Promise<number>
}

/** Starts a role of `worker.ts`; it ends when its process is disconnected, or we do. */
export async function startServer(role: string, ...args: string[]): Promise<Server> {
  const child = fork(new URL('./worker.ts', import.meta.url), [role, ...args])
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  const ask = async (what: 'usage' | 'loop') => {
    child.send(what)
    return ((await once(child, 'message')) as [{ cpuMs: number; rssMb: number; loopDelayMs: number }])[0]
  }
  return {
    url,
    process: child,
    cpuMs: async () => (await ask('usage')).cpuMs,
    rssMb: async () => (await ask('usage')).rssMb,
    loopDelayMs: async () => (await ask('loop')).loopDelayMs,
  }
}

export async function send(url: string, method: UpstreamCall['method'], headers: Record<string, string>, body?: unknown) {
  const answer = await request(url, {
    dispatcher,
    method,
    headers: body ? { ...headers, 'content-type': 'application/json' } : headers,
    body: body ? JSON.stringify(body) : null,
  })
  const text = await answer.body.text()
  assert.ok(answer.statusCode < 300, `${method} ${url}: ${answer.statusCode} ${text.slice(0, 200)}`)
  return { headers: answer.headers, json: text ? (JSON.parse(text) as never) : null }
}
