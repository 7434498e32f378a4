import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import { isObject } from '../../kit/is-object.ts'
import { losesDigits } from '../../kit/loses-digits.ts'
import { BodyTooLarge } from './errors/body-too-large.ts'
import { InvalidBody } from './errors/invalid-body.ts'
import { UnsupportedBody } from './errors/unsupported-body.ts'
import { jsonExcess } from './json-excess.ts'
import { jsonFault } from './json-fault.ts'

/** 1 MiB, far more than the fields of any operation need. */
export const MAX_BODY_BYTES = 1_048_576

/** No company has this many custom fields. Each field takes microseconds to check, before Pipedrive has seen the key. */
const FIELDS_MAX = 1_000

const JSON_TYPE = /^\s*(?:application\/json|[^/;\s]+\/[^/;\s]+\+json)\s*(?:;|$)/i

/**
 * The body of a request as an object; a request without a body yields an empty one. Throws BodyTooLarge, UnsupportedBody or InvalidBody, and
 * InvalidInput for a number whose digits would be lost, unless `keepsAnyNumber`: what Pipedrive sends is never refused for its values.
 */
export async function readBody(request: Request, { keepsAnyNumber = false } = {}): Promise<Record<string, unknown>> {
  const bytes = await readBytes(request)
  if (bytes.length === 0) return {}
  const type = request.headers.get('content-type') ?? ''
  if (type && !JSON_TYPE.test(type)) throw new UnsupportedBody('content-type', type)
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') throw new UnsupportedBody('content-encoding', encoding)
  return parseObject(decode(bytes, type), keepsAnyNumber)
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const announced = request.headers.get('content-length')
  if (Number(announced) > MAX_BODY_BYTES) throw new BodyTooLarge(MAX_BODY_BYTES)
  try {
    // Node ends the body at the announced length, so the body can be read at once: much faster than a stream.
    if (announced !== null) return new Uint8Array(await request.arrayBuffer())
    return await readStream(request.body)
  } catch (error) {
    throw error instanceof BodyTooLarge ? error : new InvalidBody('ended before it was complete', error)
  }
}

/** Stops at the limit: a body without an announced length may never end. */
async function readStream(stream: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  if (!stream) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new BodyTooLarge(MAX_BODY_BYTES)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** JSON is UTF-8, even if the header says otherwise. Only bytes that are not UTF-8 are read in the charset that the header names. */
function decode(bytes: Uint8Array, contentType: string): string {
  try {
    return utf8.decode(bytes)
  } catch (notUtf8) {
    const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1] ?? 'utf-8'
    try {
      return new TextDecoder(charset, { fatal: true }).decode(bytes)
    } catch {
      throw new InvalidBody('is not text in UTF-8', notUtf8)
    }
  }
}

/** A double keeps every number of up to 15 digits. */
const MANY_DIGITS = /(?:\d\.?){16}/

/** Refuses a number that JSON.parse has read as another one. */
function withAllDigits(this: unknown, key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === 'number' && context?.source !== undefined && losesDigits(context.source, value))
    throw new InvalidInput([
      { field: key.slice(0, 100), message: `is a number with more digits than can be kept; send fewer digits, or text` },
    ])
  return value
}

function parseObject(text: string, keepsAnyNumber: boolean): Record<string, unknown> {
  if (text.trim() === '') return {}
  const excess = jsonExcess(text)
  if (excess !== undefined) throw new InvalidBody(excess)
  let value: unknown
  try {
    value = !keepsAnyNumber && MANY_DIGITS.test(text) ? JSON.parse(text, withAllDigits) : JSON.parse(text)
  } catch (error) {
    if (error instanceof InvalidInput) throw error
    throw new InvalidBody(`is not valid JSON: ${jsonFault(text)}`, error)
  }
  if (isObject(value)) {
    if (Object.keys(value).length > FIELDS_MAX) throw new InvalidBody(`has more than ${FIELDS_MAX.toLocaleString('en')} fields`)
    return value
  }
  throw new InvalidBody(`is ${Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`}, not an object`)
}
