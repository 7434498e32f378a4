import { pino, type Logger } from 'pino'

export type { Logger }

/** JSON lines on standard error; standard output belongs to what the user asked for. Secrets are `Secret`s, which print as `[secret]`. */
export const createLogger = (level: string): Logger => pino({ level, base: undefined }, pino.destination({ dest: 2, sync: true }))

export const silentLogger: Logger = pino({ level: 'silent' })
