import { isIP } from 'node:net'
import * as z from 'zod'
import { parseKeyRing } from '../kit/key-ring.ts'
import { Secret } from '../kit/secret.ts'
import { tokenFault } from '../kit/token-fault.ts'

/**
 * Schemas of options and environment variables. An error message directly follows the name of the option or variable: `--port` and
 * `: "x" is not a port number`. Only messages of `isNot` repeat the value, so secrets must not use it.
 */
const isNot = (expected: string) => ({ error: ({ input }: { input?: unknown }) => `: ${JSON.stringify(input)} is not ${expected}` })
const text = (isValid: (text: string) => boolean, expected: string) => z.string().refine(isValid, isNot(expected))

/** An empty value counts as absent. */
export const optional = <T extends z.ZodType<unknown, string>>(reads: T) =>
  z
    .string()
    .transform((value) => value.trim() || undefined)
    .pipe(reads.optional())
    // The property always exists; its value may be undefined.
    .transform((value) => value)

export const listOf = <T extends z.ZodType<unknown, string>>(reads: T) =>
  z
    .string()
    .transform((value) => value.split(/[\s,]+/).filter(Boolean))
    .pipe(z.array(reads))

export const word = <const T extends readonly string[]>(...words: T) => z.enum(words, isNot(`one of ${words.join(', ')}`))

export const folder = text(Boolean, 'a folder')

/** A listener needs an IPv6 address without the brackets of URLs. */
export const address = z
  .string()
  .transform((value) => value.replace(/^\[(.*)\]$/, '$1'))
  .pipe(text(Boolean, 'an address'))

export const port = text((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535, 'a port number (0 to 65535)').transform(Number)

export const whole = (most = Infinity) =>
  text(
    (value) => /^[1-9]\d{0,15}$/.test(value) && Number(value) <= most,
    most === Infinity ? 'a whole number of at least 1' : `a whole number from 1 to ${most}`,
  ).transform(Number)

const isPlainUrl = (value: string): boolean => {
  const parsed = URL.parse(value)
  return parsed !== null && /^https?:$/.test(parsed.protocol) && !parsed.search && !parsed.hash
}
const hasCredentials = (value: string): boolean => {
  const parsed = URL.parse(value)
  return Boolean(parsed?.username || parsed?.password)
}
export const url = z
  .string()
  // The message does not repeat the URL: its credentials may be a key.
  .refine((value) => !hasCredentials(value), { error: ' takes a URL without credentials: each call sends its own key', abort: true })
  .refine(isPlainUrl, { ...isNot('an http or https URL without query'), abort: true })
  .transform((value) => new URL(value).href.replace(/\/+$/, ''))

export const addressOrRange = text((value) => {
  const [ip = '', bits, ...rest] = value.split('/')
  const width = isIP(ip) === 6 ? 128 : 32
  const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width)
  return isIP(ip) > 0 && isRange && rest.length === 0
}, 'an IP address or a range such as 10.0.0.0/8')

/** As in a Host header, without its port; IPv6 addresses with or without brackets. */
export const hostName = text(
  (value) => isIP(value.replace(/^\[(.*)\]$/, '$1')) > 0 || /^[\w-]+(?:\.[\w-]+)*$/.test(value),
  'a host name such as flows.example.com, without scheme, port and path',
).transform((value) => value.replace(/^\[(.*)\]$/, '$1').toLowerCase())

/** Messages never contain the value. */
export const token = z
  .string()
  .refine((value) => value === '' || tokenFault(value) === undefined, {
    error: ({ input }) => ` ${tokenFault(String(input))}`,
    abort: true,
  })
  .transform((value) => (value === '' ? undefined : new Secret(value)))

/** Stays a string: `loadKeyRing` parses it again. */
export const keyRing = optional(
  z.string().superRefine((value, context) => {
    try {
      parseKeyRing(value)
    } catch (error) {
      context.addIssue(`: ${(error as Error).message}`)
    }
  }),
)
