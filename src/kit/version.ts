import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
  engines: { node: string }
}

/** The package's version. package.json is two folders up, both from src/ and from dist/. */
export const version: string = manifest.version

/** The supported versions of Node: `>=22.19.0`. */
export const engines: string = manifest.engines.node
