import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** An AddressRefused is a name that stands for an address which nothing is sent to. It is told no caller, but stands with the delivery. */
export class AddressRefused extends Error {
  constructor() {
    super('the receiver lies at an address that nothing is sent to (none of the public internet, or not over http; see --allow-target)')
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: "the receiver's name is not known: DNS has no such host",
  ENODATA: "the receiver's name has no address in DNS",
  EAI_AGAIN: 'the name servers did not answer',
  ETIMEOUT: 'the name servers did not answer',
  ESERVFAIL: "the name servers of the receiver's domain have failed",
  ECONNREFUSED: 'the receiver refused the connection: nothing listens there',
  ECONNRESET: 'the receiver broke the connection off',
  EHOSTUNREACH: 'there is no way to the receiver',
  ENETUNREACH: 'there is no way to the receiver',
  ETIMEDOUT: 'the receiver took too long to accept the connection',
  UND_ERR_CONNECT_TIMEOUT: 'the receiver took too long to accept the connection',
  UND_ERR_SOCKET: 'the receiver broke the connection off',
  UND_ERR_HEADERS_OVERFLOW: "the receiver's answer has too many headers",
  CERT_HAS_EXPIRED: "the receiver's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the receiver's certificate is signed by nobody but itself",
  SELF_SIGNED_CERT_IN_CHAIN: "the receiver's certificate is signed by nobody that this server knows",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the receiver's certificate is signed by nobody that this server knows",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the receiver's certificate is signed by nobody that this server knows",
  ERR_TLS_CERT_ALTNAME_INVALID: "the receiver's certificate is for another name",
}

/** Why nothing was heard of a receiver, for whoever looks at 3 a.m.; never with the URL. */
export function describeFailure(error: Error & { code?: unknown; cause?: unknown }): string {
  if (error instanceof DealbridgeError || error instanceof AddressRefused) return error.message
  // Of a name with several addresses each was tried.
  const { code: given } = (error instanceof AggregateError ? error.errors[0] : error) as { code?: unknown }
  const code = typeof given === 'string' ? given : undefined
  return (code && WORDS[code]) ?? (code ? `the connection to the receiver failed (${code})` : 'the receiver did not answer in HTTP')
}
