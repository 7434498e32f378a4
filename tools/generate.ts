import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { format, resolveConfig } from 'prettier'
import * as z from 'zod'
import { commands } from '../src/app.ts'
import { catalog } from '../src/catalog/index.ts'
import { operationsIn } from '../src/catalog/sets.ts'
import { DEFAULT_SETS } from '../src/catalog/set-names.ts'
import { en } from '../src/catalog/locales/en.ts'
import { ja } from '../src/catalog/locales/ja.ts'
import { swagger } from '../src/adapters/openapi/swagger.ts'
import { seedSchema } from '../sandbox/src/seed/seed-schema.ts'
import { cliPage, configurationPage } from './command-pages.ts'
import { lintConfig } from './lint-config.ts'
import { referencePages } from './reference-pages.ts'
import { withSwitches } from './switches-table.ts'
import { watchTexts } from './unused-texts.ts'

const root = join(import.meta.dirname, '..')

/** A Generated is one committed file that this tool writes. */
interface Generated {
  path: string
  content(): string
}

/** A running connector writes its own host into /swagger.json. A maker who imports this file replaces the host with theirs. */
const EXAMPLE_HOST = { host: 'dealbridge.example.com', basePath: '/', schemes: ['https'] } as const

const languages = { en: watchTexts(en), ja: watchTexts(ja) }
const reference = await referencePages(catalog, { en: languages.en.texts, ja: languages.ja.texts })
for (const { texts } of Object.values(languages))
  for (const auth of ['key', 'basic'] as const) swagger(catalog, { ...EXAMPLE_HOST, locale: texts, auth })

const files: readonly Generated[] = [
  { path: '.oxlintrc.json', content: () => JSON.stringify(lintConfig) },
  {
    path: 'generated/apiDefinition.swagger.json',
    content: () => JSON.stringify(swagger(operationsIn(catalog, DEFAULT_SETS), EXAMPLE_HOST)),
  },
  {
    path: 'generated/sandbox-seed.schema.json',
    content: () => JSON.stringify({ title: 'What a Dealbridge sandbox begins with', ...z.toJSONSchema(seedSchema(), { io: 'input' }) }),
  },
  { path: 'generated/reference.en.md', content: () => reference.en },
  { path: 'generated/reference.ja.md', content: () => reference.ja },
  { path: 'docs/configuration.md', content: () => configurationPage(commands) },
  { path: 'docs/cli.md', content: () => cliPage(commands) },
  { path: 'docs/sandbox.md', content: () => withSwitches(join(root, 'docs/sandbox.md')) },
]

/** As prettier writes it, so that a generated file looks like any other and its diff is small. */
const pretty = async ({ path, content }: Generated): Promise<string> =>
  format(content(), { ...(await resolveConfig(join(root, path))), filepath: path })

/** Files in generated/ that this tool no longer writes. */
async function orphans(): Promise<string[]> {
  const present = await readdir(join(root, 'generated'), { recursive: true, withFileTypes: true }).catch(() => [])
  return present
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !files.some((file) => file.path === path))
}

const isFresh = async (path: string, text: string): Promise<boolean> =>
  (await readFile(join(root, path), 'utf8').catch(() => undefined)) === text

const check = process.argv.includes('--check')
const stale: string[] = []
for (const file of files) {
  const text = await pretty(file)
  if (await isFresh(file.path, text)) continue
  stale.push(file.path)
  if (check) continue
  await mkdir(dirname(join(root, file.path)), { recursive: true })
  await writeFile(join(root, file.path), text)
}

const left = await orphans()
for (const path of stale) console.log(check ? `stale: ${path}` : `wrote ${path}`)
for (const path of left) console.log(`written by nothing: ${path}`)
const unused = Object.entries(languages).flatMap(([language, { unused }]) => unused().map((place) => `${language}.ts: ${place}`))
for (const place of unused) console.log(`shown by nothing: src/catalog/locales/${place}`)
if ((check && stale.length > 0) || left.length > 0) {
  console.log(check ? 'Run `npm run generate` and commit what changes.' : 'Delete it, or add it to tools/generate.ts.')
  process.exitCode = 1
}
if (unused.length > 0) {
  console.log('Delete these texts, or show them in the definition or on the reference pages.')
  process.exitCode = 1
}
