import { InvalidInput } from '../kit/errors/invalid-input.ts'
import type { Secret } from '../kit/secret.ts'
import { containsDealbridgeSecret } from './credential.ts'

const NAME_LENGTH = 80

/** A name for people: trimmed, on one line, of at most 80 characters. Names are shown and logged: what holds a key was pasted into the wrong field. */
export function readName(text: string, apiKey?: Secret): string {
  const name = text.trim().normalize('NFC')
  const fault =
    name === ''
      ? 'is required'
      : name.length > NAME_LENGTH
        ? `is longer than ${NAME_LENGTH} characters`
        : (faultyCharacters(name) ?? pastedKey(name, apiKey))
  if (fault) throw new InvalidInput([{ field: 'name', message: fault }])
  return name
}

/** Such characters would break lists and logs, and the database takes no zero byte and no half of a pair. */
const faultyCharacters = (name: string): string | undefined =>
  /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(name) ? 'holds control characters or invisible ones' : undefined

const pastedKey = (name: string, apiKey: Secret | undefined): string | undefined =>
  containsDealbridgeSecret(name) || name === apiKey?.reveal() ? 'holds a key, and lists and logs show names; say what it is for instead' : undefined
