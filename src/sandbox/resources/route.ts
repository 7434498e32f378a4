import type { Caller } from '../state/caller.ts'
import type { Answer } from '../http/answer.ts'

/** A Call is one request as a route sees it. */
export interface Call extends Caller {
  params: Readonly<Record<string, string>>
  query: Readonly<Record<string, string>>
  /** The text of the body, empty without one. */
  body: string
}

/** A Route is one served operation and its price. Paths are Hono's: `/api/v2/deals/:id`. */
export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  tokens: number
  handle(call: Call): Answer
}
