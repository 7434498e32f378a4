import { pino, type DestinationStream, type Logger } from 'pino'
import { errorText } from './error-text.ts'

export type { Logger }

const standardError = (): DestinationStream => pino.destination({ dest: 2, sync: true })

/** JSON lines on standard error; standard output is for the output of commands. Secrets are `Secret`s, which print as `[secret]`. */
export const createLogger = (level: string, destination = standardError()): Logger =>
  pino({ level, base: undefined, serializers: { error: errorText, err: errorText } }, destination)

export const silentLogger: Logger = pino({ level: 'silent' })
