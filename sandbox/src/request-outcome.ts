/** A BrokenExchange is an exchange without a complete answer. `committed` says whether the sandbox executed the request. */
export type BrokenExchange =
  | { kind: 'refused'; committed: false }
  | { kind: 'reset' | 'silent'; committed: boolean }
  | { kind: 'truncated'; committed: true; status: number; headers: Record<string, string>; part: Uint8Array<ArrayBuffer> }

/** An Exchange is the result of a request: an answer, or a broken connection. The transport breaks the connection. */
export type Exchange = { kind: 'answered'; response: Response } | BrokenExchange

const CODES = { reset: ['ECONNRESET', 'read'], refused: ['ECONNREFUSED', 'connect'] } as const

/** A BrokenConnection is the error of `fetch` when a fault breaks the connection: the form of Node's own error, plus `committed`. */
export class BrokenConnection extends TypeError {
  readonly code: 'ECONNRESET' | 'ECONNREFUSED'
  /** Whether the sandbox executed the request. For tests only: a real network gives no such information. */
  readonly committed: boolean
  constructor(kind: keyof typeof CODES, committed: boolean) {
    const [code, syscall] = CODES[kind]
    super('fetch failed', { cause: Object.assign(new Error(`${syscall} ${code}`), { code, syscall }) })
    this.code = code
    this.committed = committed
  }
}

/** An ExchangeBroken ends a request without a complete answer. */
export class ExchangeBroken extends Error {
  readonly broken: BrokenExchange
  constructor(broken: BrokenExchange) {
    super(broken.kind)
    this.broken = broken
  }
}

/** The first `bytes` of a body, or half of it, never all. The content-length header still names the full length. */
export function truncate(status: number, headers: Record<string, string>, body: string, bytes?: number): BrokenExchange {
  const whole = new TextEncoder().encode(body)
  const part = whole.slice(0, Math.min(bytes ?? whole.length >> 1, Math.max(0, whole.length - 1)))
  return { kind: 'truncated', committed: true, status, headers: { ...headers, 'content-length': String(whole.length) }, part }
}

const thenReset = (part: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> => {
  let sent = false
  return new ReadableStream({
    pull(controller) {
      if (sent || part.length === 0) return controller.error(new BrokenConnection('reset', true))
      sent = true
      controller.enqueue(part)
    },
  })
}

/** The result for a caller in the same process: the answer, the matching error, or a promise that never settles. */
async function arrival(exchange: Exchange): Promise<Response> {
  switch (exchange.kind) {
    case 'answered':
      return exchange.response
    case 'truncated':
      return new Response(thenReset(exchange.part), { status: exchange.status, headers: exchange.headers })
    case 'silent':
      return await new Promise<never>(() => {})
    default:
      throw new BrokenConnection(exchange.kind, exchange.committed)
  }
}

/** The same for a caller with an abort signal: an abort rejects at once, as on a network, even if the request is still executing. */
export async function settleExchange(exchange: Promise<Exchange>, signal: AbortSignal): Promise<Response> {
  const givenUp = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  return await Promise.race([exchange.then(arrival), givenUp])
}
