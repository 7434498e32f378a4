import { catalog } from '../../../catalog/index.ts'
import type { FlowStep } from './find-steps.ts'

/** An Offer is the Dealbridge operation for a step, or the reason why there is none. */
export type Offer = { operation: string } | { reason: string }

const routes = catalog.map((operation) => ({
  id: operation.id,
  method: 'method' in operation ? operation.method : 'GET',
  segments: operation.path.split('/'),
}))

const NO_OPERATION = 'it does not say which operation it calls'
const PATH_IS_EXPRESSION = 'its path is an expression, so that its operation is unknown'
/** The reasons for steps that may call any operation. */
export const UNREADABLE_OPERATION: ReadonlySet<string> = new Set([NO_OPERATION, PATH_IS_EXPRESSION])

export function offered({ operationId, method, path, runtimeUrl }: FlowStep): Offer {
  if (runtimeUrl !== undefined)
    return {
      reason: 'it is of an old form that names the address of the connector. Open and save the flow in the designer, and export it again',
    }
  if (operationId !== undefined) {
    if (routes.some(({ id }) => id === operationId)) return { operation: operationId }
    if (operationId.startsWith('@')) return { reason: NO_OPERATION }
    return { reason: `Dealbridge has no operation ${operationId}` }
  }
  if (method === undefined || path === undefined) return { reason: NO_OPERATION }
  const segments = withoutExpressions(path).split('?')[0]!.split('/')
  if (!path.startsWith('/')) return { reason: PATH_IS_EXPRESSION }
  const route = routes.find((known) => known.method === method.toUpperCase() && fits(segments, known.segments))
  return route ? { operation: route.id } : { reason: `Dealbridge has no operation ${method.toUpperCase()} ${path}` }
}

const fits = (segments: readonly string[], template: readonly string[]): boolean =>
  segments.length === template.length &&
  template.every((part, index) => (part.startsWith('{') ? segments[index] !== '' : segments[index] === part))

/** `/v1/deals/@{encodeURIComponent(body('x')?['a/b'])}` → `/v1/deals/*`, so that slashes inside an expression do not count. */
function withoutExpressions(path: string): string {
  let result = ''
  for (let at = 0; at < path.length; at++) {
    if (!path.startsWith('@{', at)) {
      result += path[at]
      continue
    }
    let quoted = false
    let depth = 0
    for (at += 1; at < path.length; at++) {
      if (path[at] === "'") quoted = !quoted
      else if (!quoted && path[at] === '{') depth++
      else if (!quoted && path[at] === '}' && --depth === 0) break
    }
    result += '*'
  }
  return result
}
