import * as z from 'zod'
import { sandboxPort, secrets, settings } from './options.ts'
import { storeInput, storeSchema } from './store-place.ts'
import { port } from './values.ts'
import type { CommandOption } from '../kit/command.ts'
import type { StorePlace } from '../store/store.ts'

type Reads<T extends Record<string, { reads: z.ZodType }>> = { [K in keyof T]: z.output<T[K]['reads']> }

/** A Config is the whole configuration of a connector: `settings`, `secrets`, and the place of the store, undefined with `--store none`. */
export type Config = Omit<Reads<typeof settings>, 'store'> & Reads<typeof secrets> & { store: StorePlace | undefined }

type Options = Record<string, string | undefined>

/** `start` does not have it: it runs its own sandbox. */
export const upstreamOption: CommandOption = settings.upstream
/** The options of `serve` and `start`, without `--upstream`. */
export const serveOptions: readonly CommandOption[] = Object.values(settings).filter((setting) => setting !== settings.upstream)
/** The options for commands that only need the store. */
export const storeOptions: readonly CommandOption[] = [settings.store, settings.dataDir]

const flagOf = ({ flags }: CommandOption): string => flags.split(' ')[0]!
/** The name of an option in commander's result: `publicUrl` for `--public-url`. */
export const optionName = (option: CommandOption): string =>
  flagOf(option)
    .slice(2)
    .replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

/** The option or variable that a mistake is reported under. A message without an entry names its subject itself. */
const names: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries({ ...settings, sandboxPort }).map(([field, option]) => [field, flagOf(option)])),
  ...Object.fromEntries(Object.entries(secrets).map(([field, { env }]) => [field, env])),
  kind: flagOf(settings.store),
  DATABASE_URL: 'DATABASE_URL',
  PGPORT: 'PGPORT',
}
const mistakesOf = ({ issues }: z.ZodError): string[] =>
  issues.map(({ path, message }) => `${names[String(path.findLast((part) => typeof part === 'string'))] ?? ''}${message}`)

function parse<T>(schema: z.ZodType<T>, input: unknown, more: readonly string[] = []): T {
  const { success, data, error } = schema.safeParse(input)
  const mistakes = [...(error ? mistakesOf(error) : []), ...more]
  if (!success || mistakes.length > 0) throw new Error(mistakes.join('\n'))
  return data
}

const schemasOf = <T extends Record<string, { reads: z.ZodType }>>(table: T) =>
  Object.fromEntries(Object.entries(table).map(([field, { reads }]) => [field, reads])) as { [K in keyof T]: T[K]['reads'] }
const schema = z.object({ ...schemasOf(settings), store: storeSchema, ...schemasOf(secrets) })

/** Mistakes in the combination of values. */
function contradictions({ role }: Options, store: unknown, env: NodeJS.ProcessEnv): string[] {
  const found: string[] = []
  const metricsToken = env[secrets.metricsToken.env]
  if (metricsToken && metricsToken === env[secrets.adminToken.env])
    found.push(
      `${secrets.metricsToken.env} is the same as ${secrets.adminToken.env}: a client that may only read metrics could change everything`,
    )
  const place = storeSchema.safeParse(store)
  if ((role === 'web' || role === 'worker') && place.success && place.data?.kind !== 'postgres')
    found.push(`--role ${role} needs a PostgreSQL that several processes share (DATABASE_URL); with any other store use --role all`)
  return found
}

/** Reads a port that is not part of the `Config`. Throws like `readConfig`. */
export const portOf = (option: string, value: string | undefined): number => {
  const { data, error } = port.safeParse(value ?? '')
  if (error) throw new Error(`--${option}${error.issues[0]!.message}`)
  return data
}

export const readStorePlace = (options: Options, env: NodeJS.ProcessEnv = process.env): StorePlace | undefined =>
  parse(storeSchema, storeInput(options, env))

/** Reads the options of a command line; throws one Error with a line for every mistake, with its option or variable and the accepted values. */
export function readConfig(options: Options, env: NodeJS.ProcessEnv = process.env): Config {
  const store = storeInput(options, env)
  const input = {
    ...Object.fromEntries(Object.entries(settings).map(([field, setting]) => [field, options[optionName(setting)] ?? ''])),
    store,
    ...Object.fromEntries(Object.entries(secrets).map(([field, secret]) => [field, env[secret.env] ?? ''])),
  }
  // An option of `start` only, reported with all others.
  const isStart = optionName(sandboxPort) in options
  const extra = isStart ? { sandboxPort: sandboxPort.reads } : {}
  return parse(schema.extend(extra), { ...input, sandboxPort: options[optionName(sandboxPort)] ?? '' }, contradictions(options, store, env))
}
