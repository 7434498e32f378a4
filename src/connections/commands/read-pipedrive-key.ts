import { Secret } from '../../kit/secret.ts'
import { ask, readPiped, type Terminal } from './terminal.ts'

const ENV = 'DEALBRIDGE_PIPEDRIVE_KEY'

/** The Pipedrive key, from everywhere but the command line, which `ps` and the history of the shell show. */
export async function readPipedriveKey(terminal: Terminal, stop: AbortSignal): Promise<Secret> {
  const { env, stdin } = terminal
  const question = 'API key of Pipedrive (Personal preferences > API; it is not shown): '
  const given =
    env[ENV]?.trim() || (stdin.isTTY ? await ask(terminal, question, { echo: false, stop }) : await readPiped(terminal, stop)).trim()
  if (!given) throw new Error(`No Pipedrive key was given. Type it in when asked, pipe it in, or set ${ENV}.`)
  if (!/^[\x21-\x7e]+$/.test(given))
    throw new Error('What was given holds blanks or line breaks, as no Pipedrive key does. Copy the key anew.')
  return new Secret(given)
}
