import * as v1 from 'pipedrive/v1'
import * as v2 from 'pipedrive/v2'
import type { Request, Walker } from '../../tools/conformance/walker.ts'
import { clientMethods } from './client-methods.ts'

/** The client takes these as lists and writes the commas itself. */
const LISTS = ['deal_ids']

type Method = (request: object) => Promise<{ data: unknown }>
type ApiClass = new (configuration: unknown) => Record<string, Method>

/** A ClientWalker runs scenarios with Pipedrive's own client, and records parameters that the client does not have. */
export interface ClientWalker {
  walker: Walker
  /** `METHOD /path name`: given, but no parameter of the client's method. */
  notTaken: Set<string>
}

/**
 * The request as the client's method reads it: by name. A body's name is its type (`AddDealRequest`); the proxy accepts any.
 * `taken` collects what was read.
 */
function readable({ params = {}, query = {}, body }: Request, taken: Set<string>): object {
  const named: Record<string, unknown> = { ...params, ...query }
  return new Proxy(named, {
    get(_, name) {
      if (typeof name !== 'string') return undefined
      if (/^[A-Z]/.test(name)) {
        taken.add('body')
        return body
      }
      taken.add(name)
      return LISTS.includes(name) ? String(named[name]).split(',') : named[name]
    },
  })
}

/** `below` returns the address of the server, and the path that replaces /v1. */
export function clientWalker(
  below: () => { url: string; v1: string },
  apiKey: string,
  wait: (length: string) => Promise<void>,
): ClientWalker {
  const notTaken = new Set<string>()
  const ask = async <T>(method: string, path: string, request: Request = {}): Promise<T> => {
    const called = clientMethods.get(`${method} ${path}`)
    if (!called) throw new Error(`${method} ${path} is not in the table of the client's methods`)
    const { url, v1: v1Path } = below()
    const { api, name, version } = called
    const classes = (version === 'v1' ? v1 : v2) as unknown as Record<string, ApiClass>
    const configuration =
      version === 'v1'
        ? new v1.Configuration({ apiKey, basePath: url + v1Path })
        : new v2.Configuration({ apiKey, basePath: `${url}/api/v2` })
    const taken = new Set<string>()
    const answer = await new classes[api]!(configuration)[name]!(readable(request, taken))
    const given = [...Object.keys({ ...request.params, ...request.query }), ...(request.body === undefined ? [] : ['body'])]
    for (const one of given) if (!taken.has(one)) notTaken.add(`${method} ${path} ${one}`)
    return answer.data as T
  }
  return { walker: Object.assign(ask, { wait }), notTaken }
}
