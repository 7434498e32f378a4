import type { Context } from 'hono'

/** A Peer is the other end of the socket; `serveHttp` passes it with each request, tests may omit it. */
export interface Peer {
  incoming?: { socket: { remoteAddress?: string | undefined } }
}
export type HttpEnv = { Bindings: Peer | undefined }
/** An HttpContext is one request, as Hono passes it to a handler. */
export type HttpContext = Context<HttpEnv>
