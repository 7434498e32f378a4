import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { link, mkdir, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** HMAC-SHA256 gains nothing from longer keys, and loses strength with shorter ones. */
const KEY_BYTES = 32
const KEY_ID = /^[A-Za-z0-9_-]{1,16}$/
/** Standard or URL-safe alphabet: both come out of the tools that people make keys with. */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/**
 * A KeyRing is the secrets that this connector signs with: the first key signs, every key verifies, so that keys can be exchanged
 * while flows run. `purpose` keeps what was signed for one use from passing as another.
 */
export interface KeyRing {
  /** The id of the key that signs. */
  readonly signingId: string
  has(keyId: string): boolean
  sign(purpose: string, bytes: string | Uint8Array): { keyId: string; mac: Uint8Array }
  /** False for an unknown key id too. Takes the same time whatever is wrong with the mac. */
  verify(keyId: string, purpose: string, bytes: string | Uint8Array, mac: Uint8Array): boolean
  /** HMAC-SHA256, 32 bytes. `keyId` must be on the ring. */
  mac(keyId: string, purpose: string, bytes: string | Uint8Array): Uint8Array
}

/** Reads `id:base64,id2:base64`. Errors say which entry is wrong, and never show a key. */
export function parseKeyRing(text: string): KeyRing {
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
    keys.set(id, key)
  }
  const signingId = keys.keys().next().value as string

  const mac = (keyId: string, purpose: string, bytes: string | Uint8Array): Uint8Array => {
    const key = keys.get(keyId)
    if (!key) throw new Error(`no key "${keyId}" on the key ring`)
    // The zero byte ends the purpose: no purpose can run over into the bytes of another.
    return createHmac('sha256', key).update(purpose).update('\0').update(bytes).digest()
  }
  return {
    signingId,
    has: (keyId) => keys.has(keyId),
    mac,
    sign: (purpose, bytes) => ({ keyId: signingId, mac: mac(signingId, purpose, bytes) }),
    verify(keyId, purpose, bytes, given) {
      if (!keys.has(keyId)) return false
      const wanted = mac(keyId, purpose, bytes)
      return given.length === wanted.length && timingSafeEqual(given, wanted)
    },
  }
}

export interface KeyRingSource {
  /** The text of DEALBRIDGE_KEYS. */
  env: string | undefined
  dataDir: string
  /** Whether a missing key file may be made. Several servers behind one address must share keys, so there nobody should make its own. */
  create?: boolean
}

/** The ring from DEALBRIDGE_KEYS, or else from `<dataDir>/keys`, a file that is made at first start. */
export async function loadKeyRing({ env, dataDir, create = true }: KeyRingSource): Promise<KeyRing> {
  if (env?.trim()) return named('DEALBRIDGE_KEYS', env)
  const file = join(dataDir, 'keys')
  const text = (await readKeyFile(file)) ?? (create ? await makeKeyFile(dataDir, file) : undefined)
  if (text === undefined) {
    throw new Error(
      `There is no key to sign with. Set DEALBRIDGE_KEYS to main:<base64 of at least ${KEY_BYTES} random bytes> (openssl rand -base64 32), the same on every server, or put that text into ${file}`,
    )
  }
  return named(file, text)
}

function named(place: string, text: string): KeyRing {
  try {
    return parseKeyRing(text)
  } catch (error) {
    throw new Error(`${place}: ${(error as Error).message}`, { cause: error })
  }
}

async function readKeyFile(file: string): Promise<string | undefined> {
  try {
    // Windows has no such mode bits: there every file looks readable by all.
    if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) {
      throw new Error(`${file} can be read by others than its owner: whoever has read it can forge trigger states. Run: chmod 600 ${file}`)
    }
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The file appears complete or not at all, and the first process to link it wins: two that start at once end up with the same key. */
async function makeKeyFile(dataDir: string, file: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  // A random id, so that a state from another installation is told apart from a forged one.
  const key = `${randomBytes(4).toString('hex')}:${randomBytes(KEY_BYTES).toString('base64')}\n`
  await writeFile(draft, key, { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  return readFile(file, 'utf8')
}
