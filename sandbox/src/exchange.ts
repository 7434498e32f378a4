/** A Broken connection is what becomes of an exchange without a (whole) answer. `committed` tells whether the request was worked on. */
export type BrokenExchange =
  | { kind: 'refused'; committed: false }
  | { kind: 'reset' | 'silent'; committed: boolean }
  | { kind: 'truncated'; committed: true; status: number; headers: Record<string, string>; part: Uint8Array<ArrayBuffer> }

/** An Exchange is what became of a request: an answer, or a connection that breaks. The transport in front does the breaking. */
export type Exchange = { kind: 'answered'; response: Response } | BrokenExchange

const CODES = { reset: ['ECONNRESET', 'read'], refused: ['ECONNREFUSED', 'connect'] } as const

/** A BrokenConnection is what `fetch` rejects with when a fault breaks the connection: Node's own error in form, with one word more. */
export class BrokenConnection extends TypeError {
  readonly code: 'ECONNRESET' | 'ECONNREFUSED'
  /** Whether the sandbox worked on the request. Only a test may look at this: a real network does not tell. */
  readonly committed: boolean
  constructor(kind: keyof typeof CODES, committed: boolean) {
    const [code, syscall] = CODES[kind]
    super('fetch failed', { cause: Object.assign(new Error(`${syscall} ${code}`), { code, syscall }) })
    this.code = code
    this.committed = committed
  }
}

/** A Breaking ends the serving of a request without a whole answer. */
export class ExchangeBroken extends Error {
  readonly broken: BrokenExchange
  constructor(broken: BrokenExchange) {
    super(broken.kind)
    this.broken = broken
  }
}

/** The first `bytes` of a body, or half of it: never all. The head still promises the whole. */
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

/** What a caller in the same process gets: the answer, the matching error, or nothing. */
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

/** The same for a caller that may give up: it gets its own reason at once, as from a network, whatever is still worked on. */
export async function settleExchange(exchange: Promise<Exchange>, signal: AbortSignal): Promise<Response> {
  const givenUp = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  return await Promise.race([exchange.then(arrival), givenUp])
}
