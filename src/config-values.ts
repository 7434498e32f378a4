import { isIP } from 'node:net'
import * as z from 'zod'
import { parseKeyRing } from './kit/key-ring.ts'
import { Secret } from './kit/secret.ts'

/**
 * How the texts of options and environment variables are read. The message of a mistake follows the name of the option or variable directly:
 * `--port` and `: "x" is not a port number`. Only messages made by `isNot` repeat the text, so nothing secret may use them.
 */
const isNot = (wanted: string) => ({ error: ({ input }: { input?: unknown }) => `: ${JSON.stringify(input)} is not ${wanted}` })
const text = (fits: (text: string) => boolean, wanted: string) => z.string().refine(fits, isNot(wanted))

/** What is empty counts as absent. */
export const optional = <T extends z.ZodType<unknown, string>>(reads: T) =>
  z
    .string()
    .transform((given) => given.trim() || undefined)
    .pipe(reads.optional())
    // The key is always there, its value perhaps undefined.
    .transform((value) => value)

export const listOf = <T extends z.ZodType<unknown, string>>(reads: T) =>
  z
    .string()
    .transform((given) => given.split(/[\s,]+/).filter(Boolean))
    .pipe(z.array(reads))

export const word = <const T extends readonly string[]>(...words: T) => z.enum(words, isNot(`one of ${words.join(', ')}`))

export const folder = text(Boolean, 'a folder')

/** A listener takes an IPv6 address without the brackets that URLs need. */
export const address = z
  .string()
  .transform((given) => given.replace(/^\[(.*)\]$/, '$1'))
  .pipe(text(Boolean, 'an address'))

export const port = text((given) => /^\d{1,5}$/.test(given) && Number(given) <= 65_535, 'a port number (0 to 65535)').transform(Number)

export const whole = (most = Infinity) =>
  text(
    (given) => /^[1-9]\d{0,15}$/.test(given) && Number(given) <= most,
    most === Infinity ? 'a whole number from 1 on' : `a whole number from 1 to ${most}`,
  ).transform(Number)

const isPlainUrl = (given: string): boolean => {
  const parsed = URL.parse(given)
  return parsed !== null && /^https?:$/.test(parsed.protocol) && !parsed.search && !parsed.hash
}
const hasCredentials = (given: string): boolean => {
  const parsed = URL.parse(given)
  return Boolean(parsed?.username || parsed?.password)
}
export const url = z
  .string()
  // Not repeated, not even in an error: it could be a key.
  .refine((given) => !hasCredentials(given), { error: ' takes a URL without credentials: each call brings its own key', abort: true })
  .refine(isPlainUrl, { ...isNot('an http or https URL without query'), abort: true })
  .transform((given) => new URL(given).href.replace(/\/+$/, ''))

export const addressOrRange = text((given) => {
  const [ip = '', bits, ...rest] = given.split('/')
  const width = isIP(ip) === 6 ? 128 : 32
  const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width)
  return isIP(ip) > 0 && isRange && rest.length === 0
}, 'an IP address or a range such as 10.0.0.0/8')

/** Longer than anybody guesses, and what `openssl rand -base64 18` makes. */
const TOKEN_LENGTH = 24

/** Never shown, not even in part. */
export const token = z
  .string()
  .refine((given) => /^[\x21-\x7e]*$/.test(given), { error: ' has a blank or another character that no header can carry', abort: true })
  .refine((given) => given === '' || given.length >= TOKEN_LENGTH, {
    error: ` is too short: at least ${TOKEN_LENGTH} characters are needed (openssl rand -base64 24)`,
    abort: true,
  })
  .transform((given) => (given === '' ? undefined : new Secret(given)))

/** The text stays as it is: `loadKeyRing` reads it once more. */
export const keyRing = optional(
  z.string().superRefine((given, context) => {
    try {
      parseKeyRing(given)
    } catch (error) {
      context.addIssue(`: ${(error as Error).message}`)
    }
  }),
)
