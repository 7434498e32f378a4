import type { UpstreamRequest } from './transport.ts'

/** A Target is what a request is about, in the words of an error: which kind of object, which one of them, by which route. */
export interface Target {
  method: UpstreamRequest['method']
  path: string
  /** "deal", "activity type" … */
  object: string
  id?: number | string
  /** The title or subject of a record that is to be created: what to look for in Pipedrive. */
  title?: string
}

/** "deal 12", `new deal "Chairs"`, "deals". */
export function describeTarget({ method, object, id, title }: Target): string {
  if (id !== undefined) return `${object} ${id}`
  if (method === 'POST') return title === undefined ? `new ${object}` : `new ${object} "${title}"`
  return `list of ${object} records`
}
