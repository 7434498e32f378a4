import { InvalidInput } from '../kit/errors/invalid-input.ts'
import type { Secret } from '../kit/secret.ts'
import { containsDealbridgeSecret } from './credential.ts'

const NAME_LENGTH = 80

/** A name for people: trimmed, on one line, of at most 80 characters. Names are shown and logged, so a name must not contain a key that was pasted into the wrong field. */
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

/** Such characters break lists and logs, and the database rejects zero bytes and lone surrogates. */
const faultyCharacters = (name: string): string | undefined =>
  /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(name) ? 'contains control or invisible characters' : undefined

const pastedKey = (name: string, apiKey: Secret | undefined): string | undefined =>
  containsDealbridgeSecret(name) || name === apiKey?.reveal()
    ? 'contains a key, and lists and logs show names; describe what the connection or key is for instead'
    : undefined
