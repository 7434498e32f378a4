import { createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto'
import { inspect } from 'node:util'

const COMPARED_WITH = createSecretKey(randomBytes(32))

/** A Secret is a text that no log, error or page can show: every way of printing it yields `[secret]`. */
export class Secret {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  /** The text itself. Call it only to send the text to the party it is meant for. */
  reveal(): string {
    return this.#text
  }
  /** A digest for caches and states instead of the text: HMAC-SHA256, base64url. Not a Buffer: preparing one takes six times as long as the HMAC. */
  digest(key: string | KeyObject): string {
    return createHmac('sha256', key).update(this.#text).digest('base64url')
  }
  /** Takes the same time for any two texts, regardless of where they differ and of their length. */
  equals(other: Secret): boolean {
    return timingSafeEqual(Buffer.from(this.digest(COMPARED_WITH)), Buffer.from(other.digest(COMPARED_WITH)))
  }
  toString(): string {
    return '[secret]'
  }
  toJSON(): string {
    return '[secret]'
  }
  [inspect.custom](): string {
    return '[secret]'
  }
}
