import type { ChangeOrigin } from '../state/change-origin.ts'
import type { Caller } from '../state/caller.ts'
import type { Answer } from '../http/answer.ts'
import type { Deliver } from '../webhooks/deliver.ts'

/** A Call is one request as a route sees it. */
export interface Call extends Caller {
  params: Readonly<Record<string, string>>
  query: Readonly<Record<string, string>>
  /** The text of the body, empty without one. */
  body: string
  /** What observers of changes read. */
  origin: ChangeOrigin
  /** Does something on the caller's behalf that many seconds later. */
  runLater(seconds: number, run: (caller: Caller) => void): void
}

/** A Route is one served operation and its price. Paths are Hono's: `/api/v2/deals/:id`. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  tokens: number
  /** Asks the world outside before the call is handled, which takes no time; may refuse it. */
  before?(call: Call, deliver: Deliver): Promise<void>
  handle(call: Call): Answer
}
