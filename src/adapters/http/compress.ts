import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** Shorter texts fit into one packet either way. */
export const COMPRESSED_FROM_CHARACTERS = 1_400
/** Brotli's default is made for files that are compressed once. At this level it takes the time of gzip, and saves more. */
const BROTLI_OPTIONS = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }

/** A ContentEncoding is a compression that this server knows; in the order of preference. */
export const contentEncodings = ['br', 'gzip'] as const
export type ContentEncoding = (typeof contentEncodings)[number]

const brotli = promisify(brotliCompress)
/** In the threads of zlib, so that the event loop goes on. */
const encoders: Record<ContentEncoding, (text: string) => Promise<Uint8Array<ArrayBuffer>>> = {
  br: (text) => brotli(text, BROTLI_OPTIONS),
  gzip: promisify(gzip),
}

/** The best encoding that an Accept-Encoding header takes, or undefined: then the text goes as it is. */
export function chooseEncoding(accepted: string | undefined): ContentEncoding | undefined {
  const weights = new Map(
    (accepted ?? '').split(',').map((entry) => {
      const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
      const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
      return [name === 'x-gzip' ? 'gzip' : name, Number.isNaN(weight) ? 0 : weight]
    }),
  )
  const weightOf = (encoding: ContentEncoding) => weights.get(encoding) ?? weights.get('*') ?? 0
  return contentEncodings.filter((encoding) => weightOf(encoding) > 0).toSorted((a, b) => weightOf(b) - weightOf(a))[0]
}

/** The body of an answer and its headers, in the encoding that the request asks for. */
export async function encodeText(text: string, accepted: string | undefined) {
  // Also without an encoding: a cache must not give this answer to a request that asks for one.
  const vary = { vary: 'accept-encoding' }
  const encoding = chooseEncoding(accepted)
  return encoding
    ? { body: await encoders[encoding](text), headers: { ...vary, 'content-encoding': encoding } }
    : { body: text, headers: vary }
}
