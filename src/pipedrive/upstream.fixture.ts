import { manualClock } from '../kit/clock.ts'
import { silentLogger } from '../kit/logger.ts'
import { Secret } from '../kit/secret.ts'
import { createPipedriveClient, type OpenOptions } from './client.ts'
import { createFetchTransport } from './fetch-transport.ts'
import { createLedger } from './ledger.ts'
import { TransportFailure, type Transport } from './transport.ts'

/** An Answer is what the scripted upstream does with one request: status, body and headers, or a failure of the connection. */
export type FakeAnswer = { status?: number; body?: unknown; headers?: Record<string, string> } | 'refused' | 'lost'

/** A Seen is one request as it arrived. */
export interface SeenRequest {
  method: string
  /** Path and query. */
  path: string
  headers: Headers
  body: unknown
}

export const data = (value: unknown, nextCursor?: string): FakeAnswer => ({
  body: { success: true, data: value, ...(nextCursor && { additional_data: { next_cursor: nextCursor } }) },
})
export const refusal = (status: number, error = 'no'): FakeAnswer => ({ status, body: { success: false, error } })
export const page = (status: number, html = '<html><title>Access denied</title></html>'): FakeAnswer => ({ status, body: html })

/** A client before an upstream that does what `answer` says, in the same process. The clock moves when somebody sleeps. */
export function clientBefore(answer: (seen: SeenRequest) => FakeAnswer | Promise<FakeAnswer>) {
  const clock = manualClock()
  const seen: SeenRequest[] = []
  const served = createFetchTransport(async (request) => {
    const { pathname, search } = new URL(request.url)
    const text = await request.text()
    const one: SeenRequest = { method: request.method, path: pathname + search, headers: request.headers, body: text && JSON.parse(text) }
    seen.push(one)
    const told = await answer(one)
    if (typeof told === 'string') throw new TransportFailure(told === 'refused' ? 'no' : 'maybe', `connection ${told}`)
    const body = typeof told.body === 'string' ? told.body : JSON.stringify(told.body ?? '')
    return new Response(told.status === 204 ? null : body, { status: told.status ?? 200, headers: told.headers })
  })
  // The scripted failures pass as they are; what the fetch transport makes of others is not the matter here.
  const transport: Transport = (request) =>
    served(request).catch((error: TransportFailure) => {
      throw error.cause instanceof TransportFailure ? error.cause : error
    })
  const client = createPipedriveClient({ transport, upstream: 'https://pipedrive.test', clock, logger: silentLogger, random: () => 0.5 })
  const open = (key = 'key-a', options: Partial<OpenOptions> = {}) => {
    const ledger = createLedger()
    return { ...client.open(new Secret(key), { ledger, ...options }), ledger }
  }
  /** Method and path of what was asked since the last time. */
  const asked = () => seen.splice(0).map(({ method, path }) => `${method} ${path}`)
  return { clock, client, open, seen, asked }
}

export const failureOf = (attempt: Promise<unknown>): Promise<Error> =>
  attempt.then(
    (value) => {
      throw new Error(`It did not fail but answered ${JSON.stringify(value)}`)
    },
    (error: Error) => error,
  )
