import { unzipSync } from 'fflate'
import { CERTIFIED } from './certified.ts'
import { migrate, type Migration } from './migrate.ts'
import { textFile } from './text-file.ts'

export type Json = Record<string, unknown>

/** A change of an export targets one place; a wrong target throws. */
export const dig = (json: unknown, ...path: string[]): Json => path.reduce((found, key) => found[key] as Json, json as Json)

/** Migrates from the certified connector; `beside` are files in the folder of a connections.json. */
export const run = (bytes: Uint8Array | string, to: string, beside: Record<string, string> = {}): Migration =>
  migrate({
    name: 'given.json',
    bytes: Buffer.from(bytes),
    from: CERTIFIED,
    to,
    beside: Object.entries(beside).map(([name, text]) => textFile(name, Buffer.from(text))),
  })

export const textsOf = (zip: Uint8Array): Record<string, string> =>
  Object.fromEntries(Object.entries(unzipSync(zip)).map(([name, bytes]) => [name, Buffer.from(bytes).toString('utf8')]))
