/** An UpstreamCall is one request to Pipedrive as the sandbox's log shows it; `path` holds the query. */
export interface UpstreamCall {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  body?: unknown
}

/** A Recipe is what the connector asks of Pipedrive for one warm request: waves of calls, those of a wave at once. */
export type Recipe = UpstreamCall[][]

export type Send = (call: UpstreamCall) => Promise<unknown>

/** Makes the calls of a recipe, and nothing else; answers the first one's body. */
export async function follow(recipe: Recipe, send: Send): Promise<unknown> {
  const answers: unknown[] = []
  for (const wave of recipe) answers.push(...(await Promise.all(wave.map(send))))
  return answers[0]
}
