/** Too long to guess; the output of `openssl rand -base64 18`. */
const TOKEN_LENGTH = 24

/** What is wrong with a text as a bearer token that a person chose, or undefined. It completes the name of the token, and never contains the text. */
export function tokenFault(text: string): string | undefined {
  if (text === '') return 'is empty'
  if (!/^[\x21-\x7e]*$/.test(text)) return 'has a space or another character that is invalid in a header'
  if (text.length < TOKEN_LENGTH) return `is too short: at least ${TOKEN_LENGTH} characters are needed (openssl rand -base64 24)`
  return undefined
}
