import { InvalidRequest } from './errors/invalid-request.ts'

/** A name of letters, digits, "-", "_" and ".", or an IPv6 address in brackets, then perhaps a port: nothing that could end a header or a URL. */
const HOST = /^(?:[a-z\d](?:[\w.-]{0,252}[a-z\d])?\.?|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i
const PREFIX = /^(?:\/[\w.~-]+)*\/?$/

/**
 * The URL at which clients reach this server, without a slash at the end, as the request says.
 * `forwarded` says whether the peer is a proxy whose X-Forwarded-* headers count.
 */
export function baseUrl(request: Request, forwarded: boolean): string {
  // A proxy before the trusted one may have written a list: the first entry is the value that the client sent.
  const told = (header: string): string | undefined => (forwarded && request.headers.get(header)?.split(',', 1)[0]?.trim()) || undefined
  const scheme = told('x-forwarded-proto')?.toLowerCase() ?? (request.url.startsWith('https:') ? 'https' : 'http')
  const host = told('x-forwarded-host') ?? request.headers.get('host') ?? new URL(request.url).host
  const prefix = told('x-forwarded-prefix') ?? ''
  // An address out of range or a port beyond 65535 matches HOST, but makes no URL.
  if (!HOST.test(host) || !URL.canParse(`http://${host}`)) throw unusable(forwarded ? 'X-Forwarded-Host' : 'Host')
  if (scheme !== 'http' && scheme !== 'https') throw unusable('X-Forwarded-Proto')
  if (!PREFIX.test(prefix)) throw unusable('X-Forwarded-Prefix')
  return `${scheme}://${host}${prefix.replace(/\/$/, '')}`
}

const unusable = (header: string): InvalidRequest =>
  new InvalidRequest(
    `The request's header ${header} cannot be part of a link back to this server. Behind a proxy, start the server with --public-url.`,
  )
