import { InvalidInput } from '../kit/errors/invalid-input.ts'

const NAME_LENGTH = 80

/** A name for people: trimmed, on one line, of at most 80 characters. */
export function readName(text: string): string {
  const name = text.trim().normalize('NFC')
  const fault =
    name === '' ? 'is required' : name.length > NAME_LENGTH ? `is longer than ${NAME_LENGTH} characters` : faultyCharacters(name)
  if (fault) throw new InvalidInput([{ field: 'name', message: fault }])
  return name
}

/** Such characters would break lists and logs, and the database takes no zero byte and no half of a pair. */
const faultyCharacters = (name: string): string | undefined =>
  /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(name) ? 'holds control characters or invisible ones' : undefined
