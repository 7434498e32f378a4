/** An UpstreamRequest is one HTTP request to Pipedrive, complete: nothing below the transport adds to it. */
export interface UpstreamRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  url: string
  headers: Record<string, string>
  body?: string
  /** Milliseconds that this single attempt may take. */
  timeoutMs: number
  /** Gives the attempt up. Only reads carry one: a write in flight is never cancelled. */
  signal?: AbortSignal
}

/** An UpstreamResponse is what came back, whatever it is. Header names are lower case. */
export interface UpstreamResponse {
  status: number
  headers: Record<string, string>
  body: string
}

/** A Transport carries one request to Pipedrive: no retries, no judgement. It throws nothing but TransportFailure. */
export type Transport = (request: UpstreamRequest) => Promise<UpstreamResponse>

/**
 * A TransportFailure is a request without a (complete) answer. `reached` says whether Pipedrive may have seen the request.
 * The cause of an attempt that ran into its time limit is named TimeoutError.
 */
export class TransportFailure extends Error {
  readonly reached: 'no' | 'maybe'
  constructor(reached: 'no' | 'maybe', message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'TransportFailure'
    this.reached = reached
  }
}
