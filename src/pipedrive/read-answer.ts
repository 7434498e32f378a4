import type { UpstreamResponse } from './transport.ts'
import { isObject } from '../kit/is-object.ts'
import { isRecordId } from '../kit/record-id.ts'

/** What a call expects in `data`: a record with an id, an object without one, a list, any value (the answer to a delete), or nothing. */
export type ExpectedBody = 'record' | 'object' | 'list' | 'anything' | 'nothing'

/**
 * An AnswerBody is the content of a body: the expected `data`, Pipedrive's own `error` (any other JSON object), or something `unreadable`:
 * an HTML page of the firewall, half a JSON text, nothing.
 */
export type AnswerBody =
  { kind: 'data'; data: unknown; nextCursor: string | null } | { kind: 'error'; text: string } | { kind: 'unreadable' }

/** Some routes say in plain text that there is no such record; a proxy or a firewall answers with a page. */
const isPlainNotFound = ({ status, body }: UpstreamResponse): boolean => status === 404 && /^[^<{[]{1,200}$/.test(body.trim())

export function readAnswer(response: UpstreamResponse, expected: ExpectedBody): AnswerBody {
  let json: unknown
  try {
    json = JSON.parse(response.body)
  } catch {
    if (isPlainNotFound(response)) return { kind: 'error', text: response.body.trim() }
    return { kind: 'unreadable' }
  }
  if (!isObject(json)) return { kind: 'unreadable' }
  if (json['success'] !== false && fits(json['data'], expected)) {
    const cursor = nextPage(json['additional_data'])
    // v1 returns an empty list as null.
    return {
      kind: 'data',
      data: json['data'] ?? (expected === 'list' ? [] : null),
      nextCursor: typeof cursor === 'string' && cursor !== '' ? cursor : null,
    }
  }
  return { kind: 'error', text: errorText(json) }
}

/** API v2 pages by cursor, API v1 by offset. */
function nextPage(additional: unknown): unknown {
  if (!isObject(additional)) return null
  const { next_cursor: cursor, pagination } = additional
  if (cursor !== undefined || !isObject(pagination) || pagination['more_items_in_collection'] !== true) return cursor
  return Number.isSafeInteger(pagination['next_start']) ? String(pagination['next_start']) : null
}

function fits(data: unknown, expected: ExpectedBody): boolean {
  if (expected === 'nothing') return true
  if (expected === 'anything') return data !== undefined
  if (expected === 'list') return data === null || Array.isArray(data)
  return isObject(data) && (expected === 'object' || isRecordId(data['id']))
}

/** Pipedrive says `error`; its gateway and some older routes `message` or a map `errors`. */
function errorText(json: Record<string, unknown>): string {
  const text = [json['error'], json['message']].find((part) => typeof part === 'string' && part !== '') as string | undefined
  if (text !== undefined) return text
  return isObject(json['errors']) ? JSON.stringify(json['errors']) : ''
}
