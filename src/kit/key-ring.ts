import { createHmac, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { KeyFileUnusable } from './errors/key-file-unusable.ts'
import { KeyRingFull } from './errors/key-ring-full.ts'
import { SealKeyUnknown } from './errors/seal-key-unknown.ts'
import { openText, sealingKey, sealKeyId, sealText } from './key-ring-seal.ts'
import { makeSecretFile, readSecretFile, replaceSecretFile, secretFileStamp } from './secret-file.ts'

/** HMAC-SHA256 gains nothing from longer keys, and loses strength with shorter ones. */
const KEY_BYTES = 32
/** A key a month for two years, and some for emergencies: a ring with more has keys that can be removed. */
const KEYS_MAX = 32
const KEY_ID = /^[A-Za-z0-9_-]{1,16}$/
/** Standard or URL-safe alphabet: common tools generate both. */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/**
 * A KeyRing is the secrets that this connector signs and seals with: the first key signs and seals, every key verifies and opens, so that
 * keys can be rotated while flows run. `purpose` prevents that a signature or seal for one use is valid for another.
 *
 * To rotate the key of DEALBRIDGE_KEYS: put the new one in front, restart the processes one by one, rotate. (If processes that are not
 * restarted yet must not get signatures of the new key even for that time, put it last and restart, then first and restart.)
 * `renew` rotates a key file in the running process; other processes on the same file read it again.
 * After a rotation, nothing is sealed with older keys. They are still needed for trigger states that they signed: a running flow gets a
 * new state with each poll, a flow that is turned off keeps its old one. If no flow has been off since before the rotation, the older
 * keys can be removed.
 */
export interface KeyRing {
  /** The id of the key that signs and seals. */
  readonly signingId: string
  /** The ids of all keys, the first key first. */
  readonly ids: readonly string[]
  has(keyId: string): boolean
  sign(purpose: string, bytes: string | Uint8Array): { keyId: string; mac: Uint8Array }
  /** False for an unknown key id too. Takes the same time for every wrong mac. */
  verify(keyId: string, purpose: string, bytes: string | Uint8Array, mac: Uint8Array): boolean
  /** HMAC-SHA256, 32 bytes. `keyId` must be on the ring. */
  mac(keyId: string, purpose: string, bytes: string | Uint8Array): Uint8Array
  /** AES-256-GCM. `context` names the place of the text (table and row): it can be opened only there. */
  seal(purpose: string, context: string, text: string): string
  /** Throws SealKeyUnknown or SealBroken. */
  open(purpose: string, context: string, sealed: string): string
  /** Puts a new key in front and returns its id. A ring from DEALBRIDGE_KEYS stays unchanged: there the operator adds the key. Not to be called concurrently. */
  renew(): Promise<string>
}

type Keys = ReadonlyMap<string, Uint8Array>

/** Reads `id:base64,id2:base64`. Errors say which entry is wrong, and never show a key. */
export const parseKeyRing = (text: string): KeyRing => createKeyRing(parseKeys(text))

function parseKeys(text: string): Keys {
  const keys = new Map<string, Uint8Array>()
  for (const [index, entry] of text
    .trim()
    .split(/[\s,]+/)
    .entries()) {
    const [id = '', secret = '', ...more] = entry.split(':')
    const wrong = (what: string): never => {
      throw new Error(`key ${index + 1} of the key ring ${what}. Expected: id:base64,id2:base64`)
    }
    if (!KEY_ID.test(id)) wrong('has no usable id: 1 to 16 letters, digits, _ or - in front of a colon')
    if (keys.has(id)) wrong(`repeats the id "${id}"`)
    if (more.length > 0 || !BASE64.test(secret)) wrong(`("${id}") is not base64`)
    const key = Buffer.from(secret, 'base64')
    if (key.length < KEY_BYTES) wrong(`("${id}") has ${key.length} bytes, at least ${KEY_BYTES} are needed (openssl rand -base64 32)`)
    if (index >= KEYS_MAX) wrong(`("${id}") is one too many: ${KEYS_MAX} are allowed; remove the last ones, which are the oldest`)
    keys.set(id, key)
  }
  return keys
}

const writeKeys = (keys: Keys): string => [...keys].map(([id, key]) => `${id}:${Buffer.from(key).toString('base64')}\n`).join('')

/** A random id, so that a state from another installation differs from a forged one. */
const newKey = (): [string, Uint8Array] => [randomBytes(4).toString('hex'), randomBytes(KEY_BYTES)]

/** A KeyFile is the file of a ring that can be renewed. */
interface KeyFile {
  path: string
  stamp: string | undefined
}

function createKeyRing(initial: Keys, file?: KeyFile): KeyRing {
  let keys = initial
  let stamp = file?.stamp
  const sealingKeys = new Map<string, KeyObject>()
  const use = (now: Keys) => {
    keys = now
    sealingKeys.clear()
  }
  /** Another process may have renewed the file. It is read again only if it was replaced, so that calls with invented ids cannot cause reads. */
  const reload = () => {
    if (!file || secretFileStamp(file.path) === stamp) return
    const found = readKeyFile(file.path)
    if (!found) return
    use(found.keys)
    stamp = found.stamp
  }
  const tryReload = () => {
    try {
      reload()
    } catch {
      // The file may be being edited: the known keys stay in use. The next start reports the error.
    }
  }
  const find = (keyId: string): Uint8Array | undefined => {
    if (!keys.has(keyId)) tryReload()
    return keys.get(keyId)
  }
  const signingId = () => keys.keys().next().value as string
  const mac = (keyId: string, purpose: string, bytes: string | Uint8Array): Uint8Array => {
    const key = find(keyId)
    if (!key) throw new Error(`no key "${keyId}" on the key ring`)
    // The zero byte ends the purpose, so that no purpose can extend into the bytes of another.
    return createHmac('sha256', key).update(purpose).update('\0').update(bytes).digest()
  }
  const keyFor = (keyId: string, purpose: string): KeyObject => {
    const ringKey = find(keyId)
    if (!ringKey) throw new SealKeyUnknown(keyId)
    const name = `${keyId} ${purpose}`
    const key = sealingKeys.get(name) ?? sealingKey(ringKey, purpose)
    sealingKeys.set(name, key)
    return key
  }
  const within = (purpose: string, context: string) => `${purpose}\0${context}`

  return {
    get signingId() {
      return signingId()
    },
    get ids() {
      return [...keys.keys()]
    },
    has: (keyId) => find(keyId) !== undefined,
    mac,
    sign: (purpose, bytes) => ({ keyId: signingId(), mac: mac(signingId(), purpose, bytes) }),
    verify(keyId, purpose, bytes, actual) {
      if (!find(keyId)) return false
      const expected = mac(keyId, purpose, bytes)
      return actual.length === expected.length && timingSafeEqual(actual, expected)
    },
    seal(purpose, context, text) {
      // After a rotation by another process, sealing with the old key would keep it in use.
      tryReload()
      return sealText(signingId(), keyFor(signingId(), purpose), within(purpose, context), text)
    },
    open: (purpose, context, sealed) => openText(keyFor(sealKeyId(sealed), purpose), within(purpose, context), sealed),
    async renew() {
      if (!file) return signingId()
      let renewed: Keys
      try {
        reload()
        if (keys.size >= KEYS_MAX) throw new KeyRingFull(file.path, keys.size)
        renewed = new Map([newKey(), ...keys])
        await replaceSecretFile(file.path, writeKeys(renewed))
      } catch (error) {
        throw error instanceof KeyRingFull ? error : new KeyFileUnusable(file.path, error as Error)
      }
      // Only after the file is written: texts sealed with a key that is in no file are lost with the process.
      use(renewed)
      stamp = secretFileStamp(file.path)
      return signingId()
    },
  }
}

export interface KeyRingSource {
  /** The text of DEALBRIDGE_KEYS. */
  env: string | undefined
  dataDir: string
  /** Whether a missing key file may be created. Several servers behind one address must share keys, so there none may create its own. */
  create?: boolean
}

/** The ring from DEALBRIDGE_KEYS, or else from `<dataDir>/keys`, a file that is created at first start. */
export async function loadKeyRing({ env, dataDir, create = true }: KeyRingSource): Promise<KeyRing> {
  if (env?.trim()) return createKeyRing(named('DEALBRIDGE_KEYS', env))
  const path = join(dataDir, 'keys')
  let found = readKeyFile(path)
  if (!found && create) {
    await makeSecretFile(path, writeKeys(new Map([newKey()])))
    found = readKeyFile(path)
  }
  if (!found) {
    throw new Error(
      `There is no key to sign with. Set DEALBRIDGE_KEYS to main:<base64 of at least ${KEY_BYTES} random bytes> (openssl rand -base64 32), the same on every server, or put that text into ${path}`,
    )
  }
  return createKeyRing(found.keys, { path, stamp: found.stamp })
}

function named(place: string, text: string): Keys {
  try {
    return parseKeys(text)
  } catch (error) {
    throw new Error(`${place}: ${(error as Error).message}`, { cause: error })
  }
}

function readKeyFile(path: string): { keys: Keys; stamp: string } | undefined {
  const found = readSecretFile(path, 'forge trigger states and unseal API keys')
  return found && { keys: named(path, found.text), stamp: found.stamp }
}
