import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

/** The package's version. package.json lies two folders up from here in src/ and in dist/ alike. */
export const version: string = manifest.version
