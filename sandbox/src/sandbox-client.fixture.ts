import { type ManualClock, manualClock } from './clock.ts'
import type { Behaviour } from './behaviour.ts'
import { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts'

/** A Reply is an answer with its body read. */
export interface Reply<T = Record<string, unknown>> {
  status: number
  headers: Headers
  text: string
  body: T & { success: boolean; error: string; code?: string }
}

export type RecordData = Record<string, unknown> & { id: number }

/** A SandboxClient is a sandbox on a manual clock, and short functions for requests. */
export interface SandboxClient {
  sandbox: Sandbox
  clock: ManualClock
  ask<T = Record<string, unknown>>(method: string, path: string, body?: unknown, key?: string): Promise<Reply<T>>
  /** The `data` of a successful answer. */
  data<T = RecordData>(method: string, path: string, body?: unknown, key?: string): Promise<T>
  /** The ids of a list. */
  ids(path: string, key?: string): Promise<number[]>
}

export function sandboxClient(behaviour: Partial<Behaviour> = {}, more: Pick<SandboxOptions, 'deliver'> = {}): SandboxClient {
  const clock = manualClock()
  const sandbox = createSandbox({ clock, behaviour, ...more })
  const ask = async <T>(method: string, path: string, body?: unknown, key = 'sandbox-alice'): Promise<Reply<T>> => {
    const headers = { 'x-api-token': key, ...(body !== undefined && { 'content-type': 'application/json' }) }
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const answer = await sandbox.fetch(new Request(`http://pipedrive.example${path}`, init))
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') && text !== ''
    return { status: answer.status, headers: answer.headers, text, body: (isJson ? JSON.parse(text) : undefined) as Reply<T>['body'] }
  }
  const data = async <T>(method: string, path: string, body?: unknown, key?: string): Promise<T> => {
    const reply = await ask<{ data: T }>(method, path, body, key)
    if (reply.status > 299) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`)
    return reply.body.data
  }
  return {
    sandbox,
    clock,
    ask,
    data,
    ids: async (path, key) => (await data<RecordData[]>('GET', path, undefined, key)).map(({ id }) => id),
  }
}
