import { pino } from 'pino'
import { catalog } from '../../catalog/index.ts'
import type { CallContext } from '../../engine/call-context.ts'
import { withReport, type ReportDraft } from '../../engine/call-report.ts'
import type { Engine, PollOutcome } from '../../engine/engine.ts'
import { createHttpAdapter, type HttpAdapterOptions } from './http-adapter.ts'

export const KEY = '0123456789abcdef0123456789abcdef01234567'
const nothingNew: PollOutcome = { items: [], state: 'state-1', retryAfterSeconds: 120 }

type Played<T> = (call: CallContext, draft: ReportDraft) => T

/** A fake engine below the real adapter: it records its calls and returns what a test wants. */
export function setup(options: Partial<HttpAdapterOptions> & { execute?: Played<unknown>; poll?: Played<PollOutcome> } = {}) {
  const asked: { id: string; input?: Record<string, unknown>; state?: string | undefined; call: CallContext }[] = []
  const { execute = () => ({ id: 1 }), poll = () => nothingNew, ...rest } = options
  const engine: Engine = {
    execute: (operation, input, call) => {
      asked.push({ id: operation.id, input, call })
      return withReport(async (draft) => execute(call, draft))
    },
    poll: (trigger, input, state, call) => {
      asked.push({ id: trigger.id, ...(Object.keys(input).length > 0 && { input }), state, call })
      return withReport(async (draft) => poll(call, draft))
    },
  }
  const lines: string[] = []
  const logger = pino({ level: 'debug', base: undefined }, { write: (line: string) => void lines.push(line) })
  const app = createHttpAdapter({ catalog, engine, logger, version: '1.2.3', swagger: (base) => ({ host: base }), ...rest })
  const send = (path: string, init: RequestInit & { peer?: string } = {}) =>
    app.request(
      path,
      { ...init, headers: { 'x-api-key': KEY, ...(init.headers as Record<string, string>) } },
      { incoming: { socket: { remoteAddress: init.peer ?? '192.0.2.1' } } },
    )
  return { app, send, asked, log: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>), logText: () => lines.join('') }
}
export const json = (body: unknown): RequestInit => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
export const bodyOf = async (response: Response) => (await response.json()) as Record<string, unknown>
