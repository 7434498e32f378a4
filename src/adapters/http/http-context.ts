import type { Context } from 'hono'

/** A Peer is who is at the other end of the socket; `serveHttp` hands it over beside each request, tests may leave it out. */
export interface Peer {
  incoming?: { socket: { remoteAddress?: string | undefined } }
}
export type HttpEnv = { Bindings: Peer | undefined }
/** An HttpContext is one request, as Hono hands it to a handler. */
export type HttpContext = Context<HttpEnv>
