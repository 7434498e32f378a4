import { join } from 'node:path'
import type { CommandOption, Variable } from '../../../kit/command.ts'
import { Secret } from '../../../kit/secret.ts'
import { readSecretFile } from '../../../kit/secret-file.ts'

/** The server may call Pipedrive three times for one answer. */
const ANSWER_WITHIN_MS = 60_000

/** A Management is a client of the management API of a running server, with the token of an owner. */
export interface Management {
  list<T>(path: string): Promise<T[]>
  get<T>(path: string): Promise<T>
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T>
}

/** The options of every command of the management API. */
export const managementOptions: readonly CommandOption[] = [
  { flags: '--url <url>', description: 'URL of the server', default: 'http://127.0.0.1:8080', env: 'DEALBRIDGE_URL' },
  {
    flags: '--data <folder>',
    description: 'data folder of the server: its file admin-token is used if DEALBRIDGE_TOKEN is not set',
    default: '.dealbridge',
    env: 'DEALBRIDGE_DATA',
  },
  { flags: '--json', description: 'print JSON' },
]

export const TOKEN: Variable = {
  env: 'DEALBRIDGE_TOKEN',
  description: 'token of an owner, or of the admin. Without it the command uses the file admin-token of --data',
}

export interface ManagementSource {
  url: string | undefined
  data: string | undefined
  env: NodeJS.ProcessEnv
  stop: AbortSignal
  /** Receives notes for people, which are not part of the result. */
  note(text: string): void
}

export function openManagement({ url, data, env, stop, note }: ManagementSource): Management {
  const base = baseOf(url)
  const { token, source } = findToken(env[TOKEN.env], data || '.dealbridge')
  if (base.protocol === 'http:' && !isLoopback(base.hostname))
    note(`The token goes to ${base.origin} unencrypted: anyone on the network path can read it. Use https.`)
  const href = base.href.replace(/\/+$/, '')

  async function send<T>(method: string, path: string, body?: object): Promise<T> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(ANSWER_WITHIN_MS)])
    const headers = { authorization: `Bearer ${token.reveal()}`, ...(body && { 'content-type': 'application/json' }) }
    const init = { method, headers, signal, redirect: 'manual', ...(body && { body: JSON.stringify(body) }) } as const
    let status: number
    let text: string
    try {
      const response = await fetch(href + path, init)
      status = response.status
      text = await response.text()
    } catch (error) {
      throw stop.aborted ? new Error('Interrupted: whether it was done, a list shows.', { cause: error }) : unreachable(href, error)
    }
    if (status === 204) return undefined as T
    const answer = parse(text)
    if (status >= 200 && status < 300 && answer !== undefined) return answer as T
    const message = (answer as { message?: unknown } | undefined)?.message
    if (typeof message !== 'string')
      throw new Error(`${href} answers ${status} and nothing that Dealbridge says. Is --url (DEALBRIDGE_URL) right?`)
    throw new Error(status === 401 ? `${message} The token here came from ${source}.` : message)
  }
  return { list: async <T>(path: string) => (await send<{ data: T[] }>('GET', path)).data, get: (path) => send('GET', path), send }
}

export function baseOf(text: string | undefined): URL {
  const url = URL.parse(text ?? '')
  // Not repeated: the value could be a token.
  if (url?.username || url?.password) throw new Error('--url takes a URL without credentials: the token comes from DEALBRIDGE_TOKEN')
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash)
    throw new Error(`--url: ${JSON.stringify(text ?? '')} is not an http or https URL without query`)
  return url
}

function findToken(given: string | undefined, dataDir: string): { token: Secret; source: string } {
  if (given?.trim()) {
    if (!/^[\x21-\x7e]+$/.test(given.trim())) throw new Error('DEALBRIDGE_TOKEN holds characters that no token has.')
    return { token: new Secret(given.trim()), source: 'DEALBRIDGE_TOKEN' }
  }
  const file = join(dataDir, 'admin-token')
  const text = readSecretFile(file, 'use and change every connection of this server')?.text.trim()
  if (text) return { token: new Secret(text), source: file }
  throw new Error(
    `There is no token: DEALBRIDGE_TOKEN is not set, and there is no ${file}. Set DEALBRIDGE_TOKEN to the token of an owner, or --data to the data folder of the server, where it keeps the admin's.`,
  )
}

export const isLoopback = (hostname: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)

function unreachable(href: string, error: unknown): Error {
  const { cause, name, message } = error as Error & { cause?: { code?: string; message?: string } }
  const why = name === 'TimeoutError' ? `nothing within ${ANSWER_WITHIN_MS / 1000} s` : (cause?.code ?? cause?.message ?? message)
  return new Error(
    `No server answers at ${href} (${why}). Start it with \`dealbridge serve\`, or say where it is with --url or DEALBRIDGE_URL. \`dealbridge doctor\` looks for what is wrong.`,
    { cause: error },
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
