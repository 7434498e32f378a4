import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadKeyRing, parseKeyRing } from './key-ring.ts'

const root = mkdtempSync(join(tmpdir(), 'dealbridge-keys-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
const folder = () => join(root, String(++folders), 'data')

const base64 = (byte: number, length = 32) => Buffer.alloc(length, byte).toString('base64')
const a = `a:${base64(1)}`
const b = `b:${base64(2)}`

test('the first key signs and every key verifies', () => {
  const { keyId, mac } = parseKeyRing(a).sign('states', 'text')
  expect(keyId).toBe('a')
  const rotated = parseKeyRing(`${b},${a}`)
  expect(rotated.signingId).toBe('b')
  expect(rotated.verify('a', 'states', 'text', mac)).toBe(true)
  expect(parseKeyRing(b).verify('a', 'states', 'text', mac)).toBe(false)
})

test('a signature holds for its own bytes, purpose and key only', () => {
  const ring = parseKeyRing(`${a},${b}`)
  const { mac } = ring.sign('states', 'text')
  expect(ring.verify('a', 'states', 'texts', mac)).toBe(false)
  expect(ring.verify('a', 'state', 'stext', mac)).toBe(false)
  expect(ring.verify('b', 'states', 'text', mac)).toBe(false)
  expect(ring.verify('a', 'states', 'text', mac.subarray(1))).toBe(false)
  expect(ring.verify('a', 'states', 'text', new Uint8Array())).toBe(false)
})

test('keys may be URL-safe base64 without padding, and stand on lines of their own', () => {
  const bytes = Buffer.alloc(33, 0xfb)
  const ring = parseKeyRing(` a:${bytes.toString('base64')},\n b:${bytes.toString('base64url')}\n`)
  expect(ring.mac('a', 'p', 'x')).toEqual(ring.mac('b', 'p', 'x'))
})

const short = base64(7, 31)
test.each([
  ['', 'key 1 of the key ring has no usable id'],
  [base64(1), 'key 1 of the key ring has no usable id'],
  [`${a},seventeen-letters:${base64(1)}`, 'key 2 of the key ring has no usable id'],
  [`a:${short}`, 'key 1 of the key ring ("a") has 31 bytes, at least 32 are needed'],
  ['a:not base64!', 'key 1 of the key ring ("a") has'],
  ['a:n%t', 'key 1 of the key ring ("a") is not base64'],
  [`${a}:${base64(3)}`, 'key 1 of the key ring ("a") is not base64'],
  [`${a},${a}`, 'key 2 of the key ring repeats the id "a"'],
])('a broken ring is refused with the entry and its fault, without showing a key (%#)', (text, message) => {
  const error = (() => {
    try {
      return void parseKeyRing(text)
    } catch (error) {
      return (error as Error).message
    }
  })()
  expect(error).toContain(message)
  expect(error).not.toContain(short)
  expect(error).not.toContain(base64(1))
})

test('DEALBRIDGE_KEYS goes before the file, and its errors name it', async () => {
  const dataDir = folder()
  expect((await loadKeyRing({ env: a, dataDir })).signingId).toBe('a')
  await expect(loadKeyRing({ env: 'a:n%t', dataDir })).rejects.toThrow(/^DEALBRIDGE_KEYS: key 1/)
  await expect(loadKeyRing({ env: undefined, dataDir, create: false })).rejects.toThrow(/Set DEALBRIDGE_KEYS/)
})

test('the first start makes a key that only its owner can read, later starts find it', async () => {
  const dataDir = folder()
  const ring = await loadKeyRing({ env: undefined, dataDir })
  expect(statSync(join(dataDir, 'keys')).mode & 0o777).toBe(0o600)
  expect(readdirSync(dataDir)).toEqual(['keys'])
  const again = await loadKeyRing({ env: '', dataDir, create: false })
  expect(again.mac(ring.signingId, 'p', 'x')).toEqual(ring.mac(ring.signingId, 'p', 'x'))
})

test('a key file that others can read is refused with the command that repairs it', async () => {
  const dataDir = folder()
  await loadKeyRing({ env: undefined, dataDir })
  chmodSync(join(dataDir, 'keys'), 0o640)
  await expect(loadKeyRing({ env: undefined, dataDir })).rejects.toThrow(`chmod 600 ${join(dataDir, 'keys')}`)
})

test('processes that start at once in an empty folder end up with the same key', async () => {
  const dataDir = folder()
  const script = join(root, 'start.mjs')
  writeFileSync(
    script,
    `import { loadKeyRing } from ${JSON.stringify(join(import.meta.dirname, 'key-ring.ts'))}
     const ring = await loadKeyRing({ env: undefined, dataDir: ${JSON.stringify(dataDir)} })
     process.stdout.write(Buffer.from(ring.mac(ring.signingId, 'p', 'x')).toString('hex'))`,
  )
  const start = () =>
    new Promise<string>((resolve, reject) => {
      const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
      let out = ''
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
      child.on('error', reject).on('close', () => resolve(out))
    })
  const macs = await Promise.all([start(), start(), start(), start()])
  expect(new Set(macs).size).toBe(1)
  expect(macs[0]).toMatch(/^[0-9a-f]{64}$/)
  expect(readdirSync(dataDir)).toEqual(['keys'])
  expect(readFileSync(join(dataDir, 'keys'), 'utf8')).toMatch(/^[0-9a-f]{8}:\S{44}\n$/)
})
