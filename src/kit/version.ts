import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
  engines: { node: string }
}

/** The package's version. package.json lies two folders up from here in src/ and in dist/ alike. */
export const version: string = manifest.version

/** The versions of Node that it runs on: `>=22.19.0`. */
export const engines: string = manifest.engines.node
