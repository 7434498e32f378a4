import type { Secret } from '../../kit/secret.ts'
import { readSecret, type SecretSource } from './read-secret.ts'
import type { Terminal } from './terminal.ts'

export const PIPEDRIVE_KEY: SecretSource = {
  env: 'DEALBRIDGE_PIPEDRIVE_KEY',
  description: 'API key of a Pipedrive user. Without it the command asks, or reads standard input',
  question: 'API key of Pipedrive (Personal preferences > API; it is not shown): ',
  what: 'Pipedrive key',
}

export const readPipedriveKey = (terminal: Terminal, stop: AbortSignal): Promise<Secret> => readSecret(PIPEDRIVE_KEY, terminal, stop)
