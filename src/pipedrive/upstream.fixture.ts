import { manualClock } from '../kit/clock.ts'
import { silentLogger } from '../kit/logger.ts'
import { Secret } from '../kit/secret.ts'
import { createPipedriveClient, type OpenOptions } from './client.ts'
import { createFetchTransport } from './fetch-transport.ts'
import { createLedger } from './ledger.ts'
import { TransportFailure, type Transport } from './transport.ts'

/** A FakeAnswer is the scripted upstream's reaction to one request: status, body and headers, or a failed connection. */
export type FakeAnswer = { status?: number; body?: unknown; headers?: Record<string, string> } | 'refused' | 'lost'

/** A SeenRequest is one request as the upstream received it. */
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

/** A client with a scripted upstream in the same process. The clock advances by each sleep. */
export function clientBefore(answer: (seen: SeenRequest) => FakeAnswer | Promise<FakeAnswer>) {
  const clock = manualClock()
  const seen: SeenRequest[] = []
  const served = createFetchTransport(async (request) => {
    const { pathname, search } = new URL(request.url)
    const text = await request.text()
    const one: SeenRequest = { method: request.method, path: pathname + search, headers: request.headers, body: text && JSON.parse(text) }
    seen.push(one)
    const fake = await answer(one)
    if (typeof fake === 'string') throw new TransportFailure(fake === 'refused' ? 'no' : 'maybe', `connection ${fake}`)
    const body = typeof fake.body === 'string' ? fake.body : JSON.stringify(fake.body ?? '')
    return new Response(fake.status === 204 ? null : body, { status: fake.status ?? 200, headers: fake.headers })
  })
  // Scripted failures pass unchanged.
  const transport: Transport = (request) =>
    served(request).catch((error: TransportFailure) => {
      throw error.cause instanceof TransportFailure ? error.cause : error
    })
  const client = createPipedriveClient({ transport, upstream: 'https://pipedrive.test', clock, logger: silentLogger, random: () => 0.5 })
  const open = (key = 'key-a', options: Partial<OpenOptions> = {}) => {
    const ledger = createLedger()
    return { ...client.open(new Secret(key), { ledger, ...options }), ledger }
  }
  /** Method and path of the requests since the last call. */
  const asked = () => seen.splice(0).map(({ method, path }) => `${method} ${path}`)
  return { clock, client, open, seen, asked }
}

export const failureOf = (attempt: Promise<unknown>): Promise<Error> =>
  attempt.then(
    (value) => {
      throw new Error(`It did not fail but returned ${JSON.stringify(value)}`)
    },
    (error: Error) => error,
  )
