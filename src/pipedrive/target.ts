import type { UpstreamRequest } from './transport.ts'

/** A Target is what a request is about, for error messages: the kind of object, its id, and the route. */
export interface Target {
  method: UpstreamRequest['method']
  path: string
  /** "deal", "activity type" … */
  object: string
  id?: number | string
  /** The title or subject of a record to create, by which it can be found in Pipedrive. */
  title?: string
}

/** The path of the list that the record belongs to: `/api/v2/deals` for `/api/v2/deals/12`. */
export function collectionOf({ path, id }: Target): string {
  const end = id === undefined ? '' : `/${encodeURIComponent(id)}`
  return end !== '' && path.endsWith(end) ? path.slice(0, -end.length) : path
}

/** "deal 12", `new deal "Chairs"`, "deals". */
export function describeTarget({ method, object, id, title }: Target): string {
  if (id !== undefined) return `${object} ${id}`
  if (method === 'POST') return title === undefined ? `new ${object}` : `new ${object} "${title}"`
  return `list of ${object} records`
}
