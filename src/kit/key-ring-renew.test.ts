import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadKeyRing, parseKeyRing } from './key-ring.ts'

const root = mkdtempSync(join(tmpdir(), 'dealbridge-renew-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
const folder = () => join(root, String(++folders))
const open = (dataDir: string) => loadKeyRing({ env: undefined, dataDir })

test('a new key stands in front at once, and what the older ones made still holds', async () => {
  const dataDir = folder()
  const ring = await open(dataDir)
  const first = ring.signingId
  const signed = ring.sign('p', 'text')
  const sealed = ring.seal('p', 'c', 'text')
  const renewed = await ring.renew()
  expect(renewed).not.toBe(first)
  expect([ring.signingId, ring.ids]).toEqual([renewed, [renewed, first]])
  expect(ring.sign('p', 'text').keyId).toBe(renewed)
  expect(ring.verify(first, 'p', 'text', signed.mac)).toBe(true)
  expect(ring.open('p', 'c', sealed)).toBe('text')
  const again = await open(dataDir)
  expect(again.open('p', 'c', ring.seal('p', 'c', 'text'))).toBe('text')
  expect(again.ids).toEqual(ring.ids)
})

test("the file stays its owner's alone, and nothing is left beside it", async () => {
  const dataDir = folder()
  const ring = await open(dataDir)
  await ring.renew()
  expect(statSync(join(dataDir, 'keys')).mode & 0o777).toBe(0o600)
  expect(readdirSync(dataDir)).toEqual(['keys'])
  expect(readFileSync(join(dataDir, 'keys'), 'utf8')).toMatch(/^([0-9a-f]{8}:\S{44}\n){2}$/)
})

test('what a process that was killed has left beside the file goes with the next renewal, and nothing else', async () => {
  const dataDir = folder()
  const ring = await open(dataDir)
  for (const name of ['keys.0123456789ab', 'keys.backup', 'admin-token.0123456789ab']) writeFileSync(join(dataDir, name), 'x')
  await ring.renew()
  expect(readdirSync(dataDir).toSorted()).toEqual(['admin-token.0123456789ab', 'keys', 'keys.backup'])
})

test('another process learns the new key when it meets it, and before it seals anything', async () => {
  const dataDir = folder()
  const [ring, meets, seals] = await Promise.all([open(dataDir), open(dataDir), open(dataDir)])
  const renewed = await ring.renew()
  const { keyId, mac } = ring.sign('p', 'text')
  expect([meets.has(keyId), meets.verify(keyId, 'p', 'text', mac), meets.signingId]).toEqual([true, true, renewed])
  expect(seals.seal('p', 'c', 'text')).toContain(`.${renewed}.`)
})

test("a made-up key id costs a look at the file's date, and changes nothing", async () => {
  const dataDir = folder()
  const ring = await open(dataDir)
  const before = ring.ids
  expect(ring.has('made-up')).toBe(false)
  expect(ring.ids).toEqual(before)
})

test('a file that can no longer be read gets no new key, the error says why, and the known keys stay valid', async () => {
  const dataDir = folder()
  const ring = await open(dataDir)
  const { ids } = ring
  const sealed = ring.seal('p', 'c', 'text')
  writeFileSync(join(dataDir, 'keys'), 'half a ke')
  const why = expect.stringMatching(/keys could not be given a new key.*key 1 of the key ring/) as string
  await expect(ring.renew()).rejects.toMatchObject({ status: 500, code: 'KeyFileUnusable', message: why })
  expect([ring.ids, ring.open('p', 'c', sealed)]).toEqual([ids, 'text'])
  expect(readFileSync(join(dataDir, 'keys'), 'utf8')).toBe('half a ke')
})

test('two processes that renew one after the other keep both keys', async () => {
  const dataDir = folder()
  const [one, two] = await Promise.all([open(dataDir), open(dataDir)])
  const renewed = [await one.renew(), await two.renew()]
  expect((await open(dataDir)).ids).toEqual([...renewed.toReversed(), one.ids[1]])
})

test('an older key that was taken out of the file is gone with the next look', async () => {
  const dataDir = folder()
  const [ring, other] = await Promise.all([open(dataDir), open(dataDir)])
  const first = ring.signingId
  await ring.renew()
  const file = join(dataDir, 'keys')
  writeFileSync(file, readFileSync(file, 'utf8').split('\n')[0]!)
  const renewed = await other.renew()
  expect(other.has(first)).toBe(false)
  expect(other.ids[0]).toBe(renewed)
})

test('while the file cannot be read the known keys go on, but it is not written over', async () => {
  const dataDir = folder()
  const ring = await open(dataDir)
  const file = join(dataDir, 'keys')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, 'somebody is typing')
  expect(ring.has('made-up')).toBe(false)
  expect(ring.open('p', 'c', ring.seal('p', 'c', 'text'))).toBe('text')
  await expect(ring.renew()).rejects.toThrow(file)
  expect(readFileSync(file, 'utf8')).toBe('somebody is typing')
  writeFileSync(file, text)
  chmodSync(file, 0o644)
  await expect(ring.renew()).rejects.toThrow(`chmod 600 ${file}`)
})

test('a full ring is not renewed and says which keys to remove; one that is too full is not read', async () => {
  const dataDir = folder()
  const ring = await open(dataDir)
  for (let n = 1; n < 32; n++) await ring.renew()
  await expect(ring.renew()).rejects.toMatchObject({ status: 409, code: 'KeyRingFull' })
  expect((await open(dataDir)).ids).toHaveLength(32)
  const many = Array.from({ length: 33 }, (_, n) => `k${n}:${Buffer.alloc(32, n).toString('base64')}`)
  expect(() => parseKeyRing(many.join())).toThrow(/key 33 .* is one too many/)
})

test('a ring from DEALBRIDGE_KEYS is for its operator to change', async () => {
  const ring = parseKeyRing(`a:${Buffer.alloc(32, 1).toString('base64')}`)
  expect([await ring.renew(), ring.ids]).toEqual(['a', ['a']])
})
