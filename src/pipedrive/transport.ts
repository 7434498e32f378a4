/** An UpstreamRequest is one HTTP request to Pipedrive, complete: nothing below the transport adds to it. */
export interface UpstreamRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  headers: Record<string, string>
  body?: string
  /** The timeout of this single attempt. */
  timeoutMs: number
  /** Cancels the attempt. Only reads have one: a write in flight is never cancelled. */
  signal?: AbortSignal
}

/** An UpstreamResponse is any HTTP response. Header names are lower case. */
export interface UpstreamResponse {
  status: number
  headers: Record<string, string>
  body: string
}

/** A Transport sends one request to Pipedrive, without retries or interpretation. It throws only TransportFailure. */
export type Transport = (request: UpstreamRequest) => Promise<UpstreamResponse>

/**
 * A TransportFailure is a request without a (complete) answer. `reached` says whether Pipedrive may have received the request.
 * The cause of an attempt that timed out is named TimeoutError.
 */
export class TransportFailure extends Error {
  readonly reached: 'no' | 'maybe'
  constructor(reached: 'no' | 'maybe', message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'TransportFailure'
    this.reached = reached
  }
}
