import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Secret } from '../kit/secret.ts'
import { loadAdminToken } from './admin-token.ts'

const root = mkdtempSync(join(tmpdir(), 'dealbridge-admin-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
const folder = () => join(root, String(++folders), 'data')

test('a configured token is taken, and no file made', async () => {
  const dataDir = folder()
  const configured = new Secret('configured')
  expect(await loadAdminToken({ configured, dataDir })).toEqual({ token: configured })
  expect(existsSync(dataDir)).toBe(false)
})

test('the first start makes a token that only its owner can read, later starts find it', async () => {
  const dataDir = folder()
  const { token, file } = await loadAdminToken({ configured: undefined, dataDir })
  expect(token.reveal()).toMatch(/^dba_[\w-]{43}$/)
  expect(file).toBe(join(dataDir, 'admin-token'))
  expect(readFileSync(file!, 'utf8').trim()).toBe(token.reveal())
  expect(statSync(file!).mode & 0o777).toBe(0o600)
  expect(readdirSync(dataDir)).toEqual(['admin-token'])
  expect((await loadAdminToken({ configured: undefined, dataDir })).token.reveal()).toBe(token.reveal())
})

test('a file that others can read, or that is empty, is refused with the way out', async () => {
  const dataDir = folder()
  const { file } = await loadAdminToken({ configured: undefined, dataDir })
  chmodSync(file!, 0o644)
  await expect(loadAdminToken({ configured: undefined, dataDir })).rejects.toThrow(`chmod 600 ${file}`)
  chmodSync(file!, 0o600)
  writeFileSync(file!, '\n')
  await expect(loadAdminToken({ configured: undefined, dataDir })).rejects.toThrow(/is empty/)
})

test.each(['x', '23-characters-are-short', 'a token with blanks in it of enough length'])(
  'a file with %j is refused as the variable is, and its content not repeated',
  async (text) => {
    const dataDir = folder()
    const { file } = await loadAdminToken({ configured: undefined, dataDir })
    writeFileSync(file!, `${text}\n`)
    const error: Error = await loadAdminToken({ configured: undefined, dataDir }).then(
      () => new Error('it was taken'),
      (refusal: Error) => refusal,
    )
    expect(error.message).toMatch(/admin-token (is too short: at least 24|has a space).*Remove it.*DEALBRIDGE_ADMIN_TOKEN/)
    if (text.length > 1) expect(error.message).not.toContain(text)
  },
)

test('processes that start at once in an empty folder end up with one token', async () => {
  const dataDir = folder()
  const script = join(root, 'start.mjs')
  writeFileSync(
    script,
    `import { loadAdminToken } from ${JSON.stringify(join(import.meta.dirname, 'admin-token.ts'))}
     process.stdout.write((await loadAdminToken({ configured: undefined, dataDir: ${JSON.stringify(dataDir)} })).token.reveal())`,
  )
  const start = () =>
    new Promise<string>((resolve, reject) => {
      const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
      let out = ''
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
      child.on('error', reject).on('close', () => resolve(out))
    })
  const tokens = await Promise.all([start(), start(), start(), start()])
  expect(new Set(tokens).size).toBe(1)
  expect(tokens[0]).toMatch(/^dba_/)
  expect(readdirSync(dataDir)).toEqual(['admin-token'])
})
