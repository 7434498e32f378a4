import type { Variable } from '../../../kit/command.ts'
import { Secret } from '../../../kit/secret.ts'
import { ask, readPiped, type Terminal } from './terminal.ts'

/** A SecretSource says where a command reads a secret from. Never the command line, which `ps` and the history of the shell show. */
export interface SecretSource extends Variable {
  /** The question on a terminal; the typed answer is not shown. */
  question: string
  /** The name of the secret, for the middle of a sentence. */
  what: string
}

/** Reads from the environment, else from a terminal, else from a pipe. */
export async function readSecret({ env: name, question, what }: SecretSource, terminal: Terminal, stop: AbortSignal): Promise<Secret> {
  const { env, stdin } = terminal
  const given =
    env[name]?.trim() || (stdin.isTTY ? await ask(terminal, question, { echo: false, stop }) : await readPiped(terminal, stop)).trim()
  if (!given) throw new Error(`No ${what} was given. Type it in when asked, pipe it in, or set ${name}.`)
  if (!/^[\x21-\x7e]+$/.test(given)) throw new Error(`The input contains blanks or line breaks, which no ${what} has. Copy it again.`)
  return new Secret(given)
}
