/** A PricedRequest is one request to Pipedrive, by its template, and what it costs of the company's daily API tokens each time. */
export interface PricedRequest {
  /** `GET /api/v2/deals/{id}` */
  request: string
  tokens: number
}

/** A Situation is when an operation is called: with no name of a linked record known yet, or again; a trigger also when a flow begins to watch, and when nothing is new. */
export type Situation = 'start' | 'idle' | 'first' | 'again'

/** A Variant is a value of a choice with which the first call costs otherwise than with the first value. */
export interface Variant {
  key: string
  value: string
  tokens: number
}

/** A Price is which requests an operation makes in which situation, each as often as it is made. */
export interface Price {
  requests: Partial<Record<Situation, readonly PricedRequest[]>>
  variants: readonly Variant[]
}

/** Prices are what was observed of a running connector: the price of each operation, by its id, and the wait that triggers ask for. */
export interface Prices {
  operations: Readonly<Record<string, Price>>
  pollEverySeconds: number
}

export const totalOf = (requests: readonly PricedRequest[]): number => requests.reduce((sum, { tokens }) => sum + tokens, 0)

/** A PriceRow is one request with how often it is made in each of the situations. */
export interface PriceRow extends PricedRequest {
  times: number[]
}

/** The requests of all these situations, each once. */
export function priceRows(price: Price, situations: readonly Situation[]): PriceRow[] {
  const made = situations.map((situation) => price.requests[situation] ?? [])
  const requests = new Map(made.flat().map(({ request, tokens }) => [request, tokens]))
  return [...requests].map(([request, tokens]) => ({
    request,
    tokens,
    times: made.map((all) => all.filter((one) => one.request === request).length),
  }))
}
