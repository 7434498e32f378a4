import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto'
import { SealBroken } from './errors/seal-broken.ts'

const CIPHER = 'aes-256-gcm'
const VERSION = 'v1'
const KEY_BYTES = 32
/** GCM's standard size. Random IVs are safe for 2^32 texts under one key; there is one text for each connection. */
const IV_BYTES = 12
const TAG_BYTES = 16

/** Derives the key for one purpose: the key that seals API keys never signs trigger states or seals other texts. */
export const sealingKey = (ringKey: Uint8Array, purpose: string): KeyObject =>
  createSecretKey(new Uint8Array(hkdfSync('sha256', ringKey, '', `dealbridge seal\0${purpose}`, KEY_BYTES)))

/** `v1.keyId.base64url(iv, ciphertext, tag)`. `context` is not included, but has to be the same to open it. */
export function sealText(keyId: string, key: KeyObject, context: string, text: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context))
  const bytes = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${VERSION}.${keyId}.${bytes.toString('base64url')}`
}

/** The id of the key that a text is sealed with. Throws SealBroken for a text that is not sealed. */
export function sealKeyId(sealed: string): string {
  const [, keyId] = /^v1\.([\w-]{1,16})\.[\w-]+$/.exec(sealed) ?? []
  if (!keyId) throw new SealBroken()
  return keyId
}

/** Throws SealBroken if a bit was changed or the text belongs to another context. */
export function openText(key: KeyObject, context: string, sealed: string): string {
  const bytes = Buffer.from(sealed.slice(sealed.lastIndexOf('.') + 1), 'base64url')
  if (bytes.length < IV_BYTES + TAG_BYTES) throw new SealBroken()
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch (error) {
    throw new SealBroken(error)
  }
}
