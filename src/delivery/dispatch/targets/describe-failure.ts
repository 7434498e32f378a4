import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** An AddressRefused is for a host name that resolves to an address which is not permitted. It is recorded with the delivery only. */
export class AddressRefused extends Error {
  constructor() {
    super('the endpoint has an address that is not permitted (not on the public internet, or not over http; see --allow-target)')
  }
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "the endpoint's host name is unknown: DNS has no such host",
  ENODATA: "the endpoint's host name has no address in DNS",
  EAI_AGAIN: 'the name servers did not respond',
  ETIMEOUT: 'the name servers did not respond',
  ESERVFAIL: "the name servers of the endpoint's domain have failed",
  ECONNREFUSED: 'the endpoint refused the connection: no server listens there',
  ECONNRESET: 'the endpoint closed the connection',
  EHOSTUNREACH: 'there is no network route to the endpoint',
  ENETUNREACH: 'there is no network route to the endpoint',
  ETIMEDOUT: 'the endpoint took too long to accept the connection',
  UND_ERR_CONNECT_TIMEOUT: 'the endpoint took too long to accept the connection',
  UND_ERR_SOCKET: 'the endpoint closed the connection',
  UND_ERR_HEADERS_OVERFLOW: "the endpoint's response has too many headers",
  CERT_HAS_EXPIRED: "the endpoint's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the endpoint's certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "the endpoint's certificate is not signed by an authority that this server trusts",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the endpoint's certificate is not signed by an authority that this server trusts",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the endpoint's certificate is not signed by an authority that this server trusts",
  ERR_TLS_CERT_ALTNAME_INVALID: "the endpoint's certificate is for another name",
}

/** Describes why an endpoint did not respond, for the operator; never with the URL, which is a secret. */
export function describeFailure(error: Error & { code?: unknown; cause?: unknown }): string {
  if (error instanceof DealbridgeError || error instanceof AddressRefused) return error.message
  // If a host name has several addresses, Node tries each of them; the first error is described.
  const { code: errorCode } = (error instanceof AggregateError ? error.errors[0] : error) as { code?: unknown }
  const code = typeof errorCode === 'string' ? errorCode : undefined
  return (code && DESCRIPTIONS[code]) ?? (code ? `the connection to the endpoint failed (${code})` : 'the endpoint did not respond in HTTP')
}
