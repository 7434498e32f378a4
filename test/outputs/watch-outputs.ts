import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex, Writable } from 'node:stream'
import { afterAll, expect, vi } from 'vitest'
import type * as Locations from '../../src/delivery/subscriptions/location-token.ts'
import type * as Hooks from '../../src/delivery/ingest/hook-secrets.ts'
import type * as Logging from '../../src/kit/logger.ts'
import { Secret } from '../../src/kit/secret.ts'
import { exceptions, type Exception } from './exceptions.ts'
import { createSecretSearch, LONGEST } from './find-secrets.ts'

/*
 * Looks for secrets in everything that comes out of our program while a test file runs, and fails the file when it finds one.
 *
 *   stream    what is written to standard output and error, and to any stream that a test puts in their place
 *   log       each line of a logger, from level trace on, also where the test wants silence
 *   answer    headers and body of each Response that is made in this process
 *   socket    what servers send to this process, on whatever port and from whatever process
 *   child     what child processes print
 *   file      what lies in a folder below the temporary one when the test removes it: data folders, exports, log files
 *
 * Not covered: what a test takes away with a mock of `process.stdout.write` or a `pino` of its own; bodies of Responses that are streams, unless they
 * go over a socket; log lines of child processes below their log level; files that are not removed; what Vitest itself prints about a failure.
 */

declare module 'vitest' {
  interface TaskMeta {
    /** How many characters of each channel were looked through. */
    outputs?: Record<string, number>
  }
}

/** Where secrets belong; nothing but their owner may read these files, and other tests check that. */
const SECRET_FILES = new Set(['keys', 'admin-token', '.env'])

const search = createSecretSearch()
const outputs: Record<string, number> = {}
const findings = new Set<string>()
const shownOnce = new Set<string>()

/** What ends within the first `seen` characters has been looked at before. */
function look(channel: Exception['channels'][number], text: string, seen = 0): void {
  outputs[channel] = (outputs[channel] ?? 0) + text.length - seen
  for (const { kind, secret, around, end } of search.find(text)) {
    if (end <= seen) continue
    const file = expect.getState().testPath ?? ''
    const exception = exceptions.find((one) => one.channels.includes(channel) && one.around.test(around) && (one.files?.test(file) ?? true))
    const known = `${channel} ${secret}`
    if (exception && !(exception.once && shownOnce.has(known))) shownOnce.add(known)
    else findings.add(`${channel}: ${kind} in "${around.replaceAll(/\s+/g, ' ')}"${exception ? ', which may be seen once' : ''}`)
  }
}

type Chunk = string | NodeJS.ArrayBufferView | null | undefined
const textOf = (chunk: Chunk, encoding?: unknown): string => {
  if (typeof chunk === 'string') return encoding === 'hex' || encoding === 'base64' ? '' : chunk
  return chunk ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1') : ''
}

/** Of a callback URL the signature alone is a secret, too. */
const SIGNATURE = /[?&](?:sig|token|code)=([^&#]+)/g

function note(secret: string): void {
  search.note(secret)
  if (/^https?:/.test(secret)) for (const [, signature] of secret.matchAll(SIGNATURE)) search.note(signature!)
}

// Every secret of the program passes here before it can get anywhere.
for (const method of ['reveal', 'digest'] as const) {
  const original = Secret.prototype[method] as (this: Secret, ...args: unknown[]) => string
  const reveal = Secret.prototype.reveal
  Secret.prototype[method] = function (this: Secret, ...args: unknown[]) {
    note(reveal.call(this))
    return original.apply(this, args)
  }
}

// Standard output and error are sockets, files or terminals, depending on who started us.
for (const { prototype } of [Writable, Duplex]) {
  const { write } = prototype
  prototype.write = function (this: Writable, chunk: Chunk, ...rest: unknown[]) {
    const isStandard = this === process.stdout || this === process.stderr
    if (isStandard || !(this instanceof net.Socket)) look('stream', textOf(chunk, rest[0]))
    return (write as (...args: unknown[]) => boolean).call(this, chunk, ...rest)
  } as typeof write
}

// What a client reads of a server, or of a child process; what a server reads are requests, and those bring keys.
{
  const { push } = net.Socket.prototype
  const heard = new WeakMap<net.Socket, { channel: 'child' | 'socket'; tail: string }>()
  net.Socket.prototype.push = function (this: net.Socket & { server?: unknown }, chunk: Chunk, encoding) {
    if (chunk && !this.server) {
      // A pipe has no port at its other end.
      const { channel, tail } = heard.get(this) ?? {
        channel: this.remotePort === undefined ? ('child' as const) : ('socket' as const),
        tail: '',
      }
      const text = tail + textOf(chunk)
      look(channel, text, tail.length)
      heard.set(this, { channel, tail: text.slice(-LONGEST) })
    }
    return push.call(this, chunk, encoding)
  }
}

{
  const { writeSync } = fs
  fs.writeSync = function (fd: number, chunk: string, ...rest: unknown[]) {
    if (fd === 1 || fd === 2) look('stream', textOf(chunk))
    return (writeSync as (...args: unknown[]) => number).call(fs, fd, chunk, ...rest)
  } as typeof writeSync

  const { spawnSync } = childProcess
  childProcess.spawnSync = function (...args: unknown[]) {
    const result = (spawnSync as (...args: unknown[]) => childProcess.SpawnSyncReturns<string | Buffer>)(...args)
    for (const printed of result.output ?? []) look('child', textOf(printed))
    return result
  } as typeof spawnSync
  for (const name of ['execSync', 'execFileSync'] as const) {
    const original = childProcess[name] as (...args: unknown[]) => string | Buffer
    childProcess[name] = function (...args: unknown[]) {
      const printed = original(...args)
      look('child', textOf(printed))
      return printed
    } as never
  }

  const { rmSync } = fs
  fs.rmSync = function (path, options) {
    lookIntoFolder(path)
    return rmSync(path, options)
  }
  const { rm } = fs.promises
  fs.promises.rm = function (path, options) {
    lookIntoFolder(path)
    return rm(path, options)
  }
  syncBuiltinESMExports()
}

function lookIntoFolder(path: fs.PathLike): void {
  const folder = String(path)
  if (folder.startsWith(tmpdir()) && fs.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) lookIntoFiles(folder)
}

function lookIntoFiles(folder: string): void {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) lookIntoFiles(path)
    else if (entry.isFile() && !SECRET_FILES.has(entry.name)) look('file', fs.readFileSync(path, 'latin1'))
  }
}

globalThis.Response = new Proxy(Response, {
  construct(target, args: [BodyInit?, ResponseInit?], newTarget) {
    const [body, init] = args
    if (init?.headers) look('answer', [...new Headers(init.headers)].map((header) => header.join(': ')).join('\n'))
    if (typeof body === 'string') look('answer', body)
    return Reflect.construct(target, args, newTarget) as Response
  },
})

vi.mock('../../src/kit/logger.ts', async (load) => {
  const original = await load<typeof Logging>()
  const watched = original.createLogger('trace', { write: (line) => look('log', line) })
  const createLogger: typeof original.createLogger = (level, ...to) => (level === 'silent' ? watched : original.createLogger(level, ...to))
  return { ...original, silentLogger: watched, createLogger }
})

/** What makes texts that are secrets though no `Secret`s: they are hashed where they are kept, and told to one party. */
const noting =
  (make: () => string): (() => string) =>
  () => {
    const secret = make()
    note(secret)
    return secret
  }
vi.mock('../../src/delivery/ingest/hook-secrets.ts', async (load) => {
  const original = await load<typeof Hooks>()
  return { ...original, newHookSecret: noting(original.newHookSecret) }
})
vi.mock('../../src/delivery/subscriptions/location-token.ts', async (load) => {
  const original = await load<typeof Locations>()
  return { ...original, newLocationToken: noting(original.newLocationToken) }
})

// oxlint-disable-next-line no-empty-pattern -- Vitest reads the names of fixtures here
afterAll(({}, { file }) => {
  file.meta.outputs = outputs
  const seen = [...findings]
  if (seen.length > 0)
    throw new Error(`Secrets came out (exceptions are listed in test/outputs/exceptions.ts):\n${seen.slice(0, 20).join('\n')}`)
})
