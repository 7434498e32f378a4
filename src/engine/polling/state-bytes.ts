import { InvalidTriggerState } from './invalid-trigger-state.ts'

/** A StateReader parses a state's payload from the front; it throws InvalidTriggerState if the payload ends too early. */
export interface StateReader {
  take(length: number): Uint8Array
  byte(): number
  /** A number as `varint` writes it. */
  number(): number
  /** A text as `sized` writes it. */
  text(): string
  /** At most this many of the remaining bytes. */
  rest(length?: number): Uint8Array
  readonly atEnd: boolean
}

/** The payload carries our signature: unreadable content comes from another version of this program. */
export function readState(bytes: Uint8Array): StateReader {
  let at = 0
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new InvalidTriggerState('This trigger state ends too early.')
    return bytes.subarray(at, (at += length))
  }
  const byte = () => take(1)[0]!
  return {
    take,
    byte,
    number() {
      let value = 0
      for (let scale = 1; ; scale *= 128) {
        const part = byte()
        value += (part & 127) * scale
        if (value > Number.MAX_SAFE_INTEGER || scale > Number.MAX_SAFE_INTEGER) {
          throw new InvalidTriggerState('This trigger state holds a number that is too large.')
        }
        if (part < 128) return value
      }
    },
    text: () => Buffer.from(take(byte())).toString(),
    rest: (length = Infinity) => take(Math.min(length, bytes.length - at)),
    get atEnd() {
      return at === bytes.length
    },
  }
}

/** A text of at most 255 bytes, preceded by its length. */
export function sized(text: string): number[] {
  const bytes = Buffer.from(text)
  return [bytes.length, ...bytes]
}

/** Seven bits a byte, lowest first. Bit operators would truncate ids at 2^31. */
export function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = Math.max(0, Math.floor(value))
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return [...bytes, rest]
}
