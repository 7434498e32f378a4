/** A Detail is what is wrong with one field of the caller's input, in the names of the contract. */
export interface Detail {
  field: string
  message: string
}

export interface ErrorOptions {
  status: number
  code: string
  message: string
  /** Who refused: this connector, or Pipedrive. */
  source?: 'connector' | 'pipedrive'
  details?: readonly Detail[]
  /** Becomes the header Retry-After. */
  retryAfterSeconds?: number
  cause?: unknown
}

/** A DealbridgeError is a failure that the caller gets: what happened, and what to do. `adapters/http/wire-error.ts` writes it. */
export class DealbridgeError extends Error {
  readonly status: number
  readonly code: string
  readonly source: 'connector' | 'pipedrive'
  readonly details: readonly Detail[]
  readonly retryAfterSeconds: number | undefined

  constructor({ status, code, message, source = 'connector', details = [], retryAfterSeconds, cause }: ErrorOptions) {
    super(message, { cause })
    this.name = code
    this.status = status
    this.code = code
    this.source = source
    this.details = details
    this.retryAfterSeconds = retryAfterSeconds
  }
}
