import type { ChangeOrigin } from '../state/change-origin.ts'
import type { Caller } from '../state/caller.ts'
import type { Answer } from '../http/answer.ts'
import type { Deliver } from '../webhooks/deliver.ts'

/** A Call is one request to a route. */
export interface Call extends Caller {
  params: Readonly<Record<string, string>>
  query: Readonly<Record<string, string>>
  /** The text of the body, empty without one. */
  body: string
  /** The origin that observers of changes read. */
  origin: ChangeOrigin
  /** Runs a function on the caller's behalf that many seconds later. */
  runLater(seconds: number, run: (caller: Caller) => void): void
}

/** A Route is one supported operation and its price. Paths are Hono's: `/api/v2/deals/:id`. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  tokens: number
  /** Runs asynchronously before `handle`, and may use the network and refuse the call. */
  before?(call: Call, deliver: Deliver): Promise<void>
  handle(call: Call): Answer
}
