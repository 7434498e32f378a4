import { BODY_METHODS, type HttpMethod, type Operation } from '../../catalog/define.ts'
import type { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { nearest } from '../../kit/nearest.ts'
import { MethodNotAllowed } from './errors/method-not-allowed.ts'
import { RouteNotFound } from './errors/route-not-found.ts'

/** A Route is a method and a path template with a handler; `{name}` is one segment. */
export interface Route {
  method: HttpMethod
  path: string
}

/** An OperationRoute is a route of the catalog in the forms that requests need, computed once. */
export interface OperationRoute extends Route {
  operation: Operation
  /** The path in Hono's syntax. */
  patterns: readonly string[]
  pathKeys: readonly string[]
  /** The query parameters of the operation. Hosts append parameters of their own, which are ignored. */
  queryKeys: readonly string[]
  hasBody: boolean
}

const PARAMETER = /\{(\w+)\}/g

/** A path in Hono's syntax. */
export const honoPattern = (path: string): string => path.replaceAll(PARAMETER, ':$1')

/**
 * The routes of a catalog; the first match wins. A flow that puts an empty id into /v1/deals/{dealId} requests /v1/deals/,
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
      const hasBody = BODY_METHODS.has(method)
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

/** The methods of a path, for the header Allow; empty if the path is unknown. */
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

/** Replaces an id when paths are compared: Pipedrive's ids are numbers, ours 32 hex digits. */
const ID = /\/(?:\d+|[\da-f]{32})(?=\/|$)/g

/**
 * The error for a request without a route: 405 if only the method is wrong, otherwise 404 with the nearest path. `prefix` is the common start
 * of path and routes.
 */
export function noRoute(routes: readonly Route[], method: string, path: string, prefix = ''): DealbridgeError {
  const allow = allowedMethods(routes, path)
  if (allow.length > 0 && !allow.includes(method)) return new MethodNotAllowed(method, prefix + path, allow)
  const comparable = new Map(routes.map((route) => [route.path.replace(PARAMETER, '0').toLowerCase(), route.path]))
  // The time to compare grows with the length; no route is this long.
  const asked = path.slice(0, 200).replace(ID, '/0')
  const best = nearest(asked, [...comparable.keys()])
  const meant = best === undefined ? undefined : comparable.get(best)
  return new RouteNotFound(
    method,
    prefix + path,
    routes.filter((route) => route.path === meant).map((route) => `${route.method} ${prefix}${route.path}`),
  )
}
