/** A Request is what fills the template of a path. */
export interface Request {
  params?: Record<string, string | number>
  query?: Record<string, string>
  body?: unknown
}

/** A Walker sends requests that the specification must allow, and answers the `data` of what comes back. */
export interface Walker {
  <T = { id: number }>(method: string, path: string, request?: Request): Promise<T>
  /** Lets time pass in the sandbox. */
  wait(length: string): Promise<void>
}

/** A Walk is a way through the endpoints of one kind. */
export type Walk = (ask: Walker) => Promise<void>
