import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../src/app.ts'
import { cliPage, configurationPage } from './command-pages.ts'

const root = join(import.meta.dirname, '..')
const pages = { 'cli.md': cliPage(commands), 'configuration.md': configurationPage(commands) }

const read = (path: string) => readFileSync(join(root, 'src', path), 'utf8')
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(path),
)

test('every environment variable that the program names in its code is on the page of the configuration', () => {
  const named = new Set(sources.flatMap((path) => read(path).match(/(?<=')(?:DEALBRIDGE_[A-Z_]+|DATABASE_URL|PG[A-Z]{2,})(?=')/g) ?? []))
  expect(named.size).toBeGreaterThan(20)
  expect([...named].filter((name) => !pages['configuration.md'].includes(`\`${name}\``))).toEqual([])
})

test('every command has a heading, and every heading and page that is linked exists', () => {
  const anchors = (text: string) => [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title!.toLowerCase().replaceAll(' ', '-'))
  expect(commands.filter(({ name }) => !anchors(pages['cli.md']).includes(name.replaceAll(' ', '-')))).toEqual([])
  const links = Object.entries(pages).flatMap(([page, text]) =>
    [...text.matchAll(/\]\(([\w.]*)(?:#([\w-]+))?\)/g)].map(([, to, anchor]) => ({ to: to || page, anchor })),
  )
  const texts: Record<string, string> = pages
  expect(links.filter(({ to, anchor }) => texts[to] === undefined || (anchor && !anchors(texts[to]).includes(anchor)))).toEqual([])
})

test.each([
  [['--version'], 0],
  [['connections', 'add'], 1],
  [['connections', 'list', '--unknown'], 1],
  [['connections', 'list', '--url', 'ftp://server'], 1],
])('%j ends with exit code %i', (args, code) => {
  const { status } = spawnSync(process.execPath, ['--conditions=dealbridge-source', join(root, 'src/main.ts'), ...args], {
    encoding: 'utf8',
  })
  expect(status).toBe(code)
})
