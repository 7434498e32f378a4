import type { HttpMethod, Operation } from '../../catalog/define.ts'
import type { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { nearest } from '../../kit/nearest.ts'
import { MethodNotAllowed } from './errors/method-not-allowed.ts'
import { RouteNotFound } from './errors/route-not-found.ts'

/** A Route is a method and a path under which something answers; `{name}` stands for one segment. */
export interface Route {
  method: HttpMethod | 'PATCH'
  path: string
}

/** An OperationRoute is a route of the catalog, in the forms that requests need: everything is worked out once. */
export interface OperationRoute extends Route {
  operation: Operation
  /** Hono's way of writing the path. */
  patterns: readonly string[]
  pathKeys: readonly string[]
  /** What the query may hold: the operation's own input. Hosts append parameters of theirs, which mean nothing here. */
  queryKeys: readonly string[]
  hasBody: boolean
}

const PARAMETER = /\{(\w+)\}/g

/** Hono's way of writing a path. */
export const honoPattern = (path: string): string => path.replaceAll(PARAMETER, ':$1')

/**
 * The routes of a catalog, the first match wins. A flow that puts an empty id into /v1/deals/{dealId} asks for /v1/deals/,
 * and must get an error about the id, not the list of /v1/deals: so routes that end in an id come first.
 */
export function operationRoutes(catalog: readonly Operation[]): OperationRoute[] {
  const endsInParameter = (operation: Operation) => operation.path.endsWith('}')
  return catalog
    .toSorted((a, b) => Number(endsInParameter(b)) - Number(endsInParameter(a)))
    .map((operation) => {
      const { method, path } = operation
      const pathKeys = Array.from(path.matchAll(PARAMETER), (match) => match[1]!)
      const pattern = honoPattern(path)
      const hasBody = method === 'POST' || method === 'PUT'
      return {
        operation,
        method,
        path,
        patterns: [...withSlash(pattern), ...(endsInParameter(operation) ? [path.slice(0, path.lastIndexOf('{'))] : [])],
        pathKeys,
        queryKeys: hasBody ? [] : Object.keys(operation.input.shape).filter((key) => !pathKeys.includes(key)),
        hasBody,
      }
    })
}

/** A slash at the end makes no difference. */
export const withSlash = (path: string): string[] => (path.endsWith('/') ? [path] : [path, `${path}/`])

/** The methods that a path takes, as the header Allow tells them; none when the path is unknown. */
export function allowedMethods(routes: readonly Route[], path: string): string[] {
  const methods = new Set(routes.filter((route) => matches(route.path, path)).map((route) => route.method))
  if (methods.size === 0) return []
  return [...methods].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).concat('OPTIONS')
}

function matches(template: string, path: string): boolean {
  const wanted = template.split('/')
  const given = (path.length > 1 ? path.replace(/\/$/, '') : path).split('/')
  return wanted.length === given.length && wanted.every((segment, i) => (segment.startsWith('{') ? given[i] !== '' : segment === given[i]))
}

/** What stands for an id when paths are compared: numbers are Pipedrive's, 32 hex digits ours. */
const ID = /\/(?:\d+|[\da-f]{32})(?=\/|$)/g

/**
 * What to answer where no route does: 405 when only the method is wrong, else 404 with the nearest path. `prefix` is what stands before
 * path and routes alike.
 */
export function noRoute(routes: readonly Route[], method: string, path: string, prefix = ''): DealbridgeError {
  const allow = allowedMethods(routes, path)
  if (allow.length > 0 && !allow.includes(method)) return new MethodNotAllowed(method, prefix + path, allow)
  const comparable = new Map(routes.map((route) => [route.path.replace(PARAMETER, '0').toLowerCase(), route.path]))
  // Comparing takes time in proportion to the length; no route is this long.
  const asked = path.slice(0, 200).replace(ID, '/0')
  const best = nearest(asked, [...comparable.keys()])
  const meant = best === undefined ? undefined : comparable.get(best)
  return new RouteNotFound(
    method,
    prefix + path,
    routes.filter((route) => route.path === meant).map((route) => `${route.method} ${prefix}${route.path}`),
  )
}
