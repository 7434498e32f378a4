import { isIP } from 'node:net'
import { storePlace } from './config-store.ts'
import type { CommandOption } from './kit/command.ts'
import { parseKeyRing } from './kit/key-ring.ts'
import { Secret } from './kit/secret.ts'
import type { StorePlace } from './store/store.ts'

/** A Config is everything that a running connector can be told. */
export interface Config {
  hostname: string
  port: number
  /** Where Pipedrive is: https://api.pipedrive.com, or a sandbox. */
  upstream: string
  /** Where callers reach us, when that is not what their requests say. */
  publicUrl: string | undefined
  /** Addresses and CIDR ranges whose X-Forwarded-* headers are believed. */
  trustedProxies: string[]
  /** Pipedrive company ids that may pass; empty: all. */
  allowCompanies: number[]
  activities: 'mine' | 'all'
  /** Where the key file lies when DEALBRIDGE_KEYS is not set, and the embedded database. */
  dataDir: string
  /** Where connections and intents are kept; nowhere with `--store none`. */
  store: StorePlace | undefined
  /** Whether x-ms-action-tracking-id names an intent. That hosts keep it over their retries is an assumption. */
  hostIntents: boolean
  /** How long after a broken connection a write may still appear in Pipedrive. */
  settleSeconds: number
  /** The token of the owner `admin`; one is made in the data folder when there is none and a store. */
  adminToken: Secret | undefined
  /** Opens /metrics, and nothing else. */
  metricsToken: Secret | undefined
  /** `id:base64,…` */
  keys: string | undefined
  callsPerMinute: number
  /** What this process does: take requests, the work behind instant triggers, or both. */
  role: 'web' | 'worker' | 'all'
  /** Whether a Pipedrive key that was sent itself may subscribe: then it is kept, sealed, for as long as the subscription lives. */
  subscriptions: 'any' | 'named-only'
  /** Which callback URLs are taken. */
  targets: 'any' | 'microsoft'
  /** Addresses and CIDR ranges that callbacks may go to although they are private; over http too. */
  allowTargets: string[]
  /** What looking for missed events may cost each day, for a connection and kind of record that nothing happens to. */
  reconcileTokens: number
  logLevel: string
}

/** Only `start` does without: it brings its own upstream. */
export const upstreamOption: CommandOption = {
  flags: '--upstream <url>',
  description: 'where Pipedrive is',
  default: 'https://api.pipedrive.com',
  env: 'DEALBRIDGE_UPSTREAM',
}

/** The options of `serve`; `start` takes the same, but brings its own upstream. */
export const serveOptions: readonly CommandOption[] = [
  { flags: '--port <number>', description: 'port of the connector', default: '8080', env: 'DEALBRIDGE_PORT' },
  { flags: '--host <address>', description: 'address to listen on', default: '127.0.0.1', env: 'DEALBRIDGE_HOST' },
  { flags: '--public-url <url>', description: 'where callers reach the connector', env: 'DEALBRIDGE_PUBLIC_URL' },
  {
    flags: '--trusted-proxies <list>',
    description: 'addresses or CIDR ranges whose X-Forwarded-* headers count',
    env: 'DEALBRIDGE_TRUSTED_PROXIES',
  },
  { flags: '--allow-companies <ids>', description: 'only these Pipedrive companies may pass', env: 'DEALBRIDGE_ALLOW_COMPANIES' },
  {
    flags: '--activities <mine|all>',
    description: 'whose activities the activity trigger answers',
    default: 'mine',
    env: 'DEALBRIDGE_ACTIVITIES',
  },
  { flags: '--calls-per-minute <number>', description: 'calls per connection in 60 s', default: '100', env: 'DEALBRIDGE_CALLS_PER_MINUTE' },
  {
    flags: '--store <embedded|memory|none>',
    description: 'where connections and intents are kept; with embedded, DATABASE_URL or PG* variables take them to PostgreSQL',
    default: 'embedded',
    env: 'DEALBRIDGE_STORE',
  },
  {
    flags: '--host-intents <on|off>',
    description: 'whether a host that repeats a call (same x-ms-action-tracking-id) gets the first answer',
    default: 'on',
    env: 'DEALBRIDGE_HOST_INTENTS',
  },
  {
    flags: '--settle-seconds <number>',
    description: 'how long a write whose outcome is unknown may take to appear in Pipedrive',
    default: '10',
    env: 'DEALBRIDGE_SETTLE_SECONDS',
  },
  {
    flags: '--role <web|worker|all>',
    description: 'what this process does, where several share a database: take requests, deliver to instant triggers, or both',
    default: 'all',
    env: 'DEALBRIDGE_ROLE',
  },
  {
    flags: '--subscriptions <any|named-only>',
    description: 'whether a Pipedrive key itself may subscribe to instant triggers (it is kept, sealed), or a connection only',
    default: 'any',
    env: 'DEALBRIDGE_SUBSCRIPTIONS',
  },
  {
    flags: '--targets <any|microsoft>',
    description: 'which callback URLs instant triggers take: any public https address, or those of Power Automate and Logic Apps only',
    default: 'any',
    env: 'DEALBRIDGE_TARGETS',
  },
  {
    flags: '--allow-target <list>',
    description: 'private addresses or CIDR ranges that callbacks may go to, over http too',
    env: 'DEALBRIDGE_ALLOW_TARGET',
  },
  {
    flags: '--reconcile-tokens <number>',
    description: 'API tokens a day, for a connection and kind of record, to look for events that no webhook told',
    default: '300',
    env: 'DEALBRIDGE_RECONCILE_TOKENS',
  },
  {
    flags: '--data <folder>',
    description: 'folder of the key file and the embedded database',
    default: '.dealbridge',
    env: 'DEALBRIDGE_DATA',
  },
  { flags: '--log-level <level>', description: 'silent, error, warn, info, debug', default: 'info', env: 'DEALBRIDGE_LOG_LEVEL' },
]

type Options = Record<string, string | undefined>

const fail = (option: string, value: string | undefined, wanted: string): never => {
  throw new Error(`--${option}: ${JSON.stringify(value ?? '')} is not ${wanted}`)
}

const list = (text: string | undefined): string[] => (text ?? '').split(/[\s,]+/).filter(Boolean)

export function portOf(option: string, value: string | undefined): number {
  return /^\d{1,5}$/.test(value ?? '') && Number(value) <= 65_535 ? Number(value) : fail(option, value, 'a port number (0 to 65535)')
}

function whole(option: string, value: string | undefined, most = Infinity): number {
  const fits = /^[1-9]\d{0,15}$/.test(value ?? '') && Number(value) <= most
  return fits ? Number(value) : fail(option, value, most === Infinity ? 'a whole number from 1 on' : `a whole number from 1 to ${most}`)
}

function word<T extends string>(option: string, value: string | undefined, words: readonly T[]): T {
  return words.find((w) => w === value) ?? fail(option, value, `one of ${words.join(', ')}`)
}

function url(option: string, value: string | undefined): string {
  const parsed = URL.parse(value ?? '')
  // Not even in an error: what stands there could be a key.
  if (parsed?.username || parsed?.password) throw new Error(`--${option} takes a URL without credentials: each call brings its own key`)
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.search || parsed.hash)
    return fail(option, value, 'an http or https URL without query')
  return parsed.href.replace(/\/+$/, '')
}

/** Longer than anybody guesses, and what `openssl rand -base64 18` makes. */
const TOKEN_LENGTH = 24
/** A write that has not appeared after a minute never will; hosts give up long before. */
const SETTLE_SECONDS_MAX = 60

/** Never shown, not even in part. */
function token(name: string, text: string | undefined): Secret | undefined {
  if (!text) return undefined
  if (!/^[\x21-\x7e]*$/.test(text)) throw new Error(`${name} has a blank or another character that no header can carry`)
  if (text.length < TOKEN_LENGTH)
    throw new Error(`${name} is too short: at least ${TOKEN_LENGTH} characters are needed (openssl rand -base64 24)`)
  return new Secret(text)
}

function differing(adminToken: Secret | undefined, metricsToken: Secret | undefined): void {
  if (adminToken && adminToken.reveal() === metricsToken?.reveal())
    throw new Error('DEALBRIDGE_METRICS_TOKEN is the same as DEALBRIDGE_ADMIN_TOKEN: whoever reads metrics could do everything')
}

/** Nobody else can do the other half. */
function shared({ role, store }: Pick<Config, 'role' | 'store'>): void {
  if (role && role !== 'all' && store?.kind !== 'postgres')
    throw new Error(
      `--role ${role} needs a PostgreSQL that several processes share (DATABASE_URL); on any other store one process does everything`,
    )
}

function ringText(text: string | undefined): string | undefined {
  if (!text?.trim()) return undefined
  try {
    parseKeyRing(text)
  } catch (error) {
    throw new Error(`DEALBRIDGE_KEYS: ${(error as Error).message}`, { cause: error })
  }
  return text
}

function addressOrRange(option: string, entry: string): string {
  const [address = '', bits, ...rest] = entry.split('/')
  const width = isIP(address) === 6 ? 128 : 32
  const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width)
  return isIP(address) && isRange && rest.length === 0 ? entry : fail(option, entry, 'an IP address or a range such as 10.0.0.0/8')
}

/** The options that say where the store is, for commands that need no more than that. */
export const storeOptions = serveOptions.filter(({ env }) => env === 'DEALBRIDGE_STORE' || env === 'DEALBRIDGE_DATA')

/** Reads value after value, and throws one Error with a line for each mistake at the end. */
function collectMistakes() {
  const mistakes: string[] = []
  return {
    read<T>(value: () => T): T {
      try {
        return value()
      } catch (error) {
        mistakes.push((error as Error).message)
        return undefined as T
      }
    },
    throwAll() {
      if (mistakes.length > 0) throw new Error(mistakes.join('\n'))
    },
  }
}

export function readStorePlace({ store, data }: Options, env: NodeJS.ProcessEnv = process.env): StorePlace | undefined {
  const { read, throwAll } = collectMistakes()
  const kind = read(() => word('store', store, ['embedded', 'memory', 'none'] as const))
  // A mistyped word hides no other mistake: corrected, it would probably have met that.
  const place = read(() => storePlace(kind ?? 'embedded', data ?? '', env))
  throwAll()
  return place
}

/** Reads the options of a command line; throws one Error with a line for every mistake, each with its option and what that takes. */
export function readConfig(options: Options, env: NodeJS.ProcessEnv = process.env): Config {
  const {
    port,
    host,
    upstream,
    publicUrl,
    trustedProxies,
    allowCompanies,
    activities,
    callsPerMinute,
    data,
    hostIntents,
    settleSeconds,
    role,
    subscriptions,
    targets,
    allowTarget,
    reconcileTokens,
    logLevel,
  } = options
  const { read, throwAll } = collectMistakes()
  const config: Config = {
    // A listener takes an IPv6 address without the brackets that URLs need.
    hostname: read(() => host?.replace(/^\[(.*)\]$/, '$1') || fail('host', host, 'an address')),
    port: read(() => portOf('port', port)),
    upstream: read(() => url('upstream', upstream)),
    publicUrl: read(() => (publicUrl ? url('public-url', publicUrl) : undefined)),
    trustedProxies: read(() => list(trustedProxies).map((entry) => addressOrRange('trusted-proxies', entry))),
    allowCompanies: read(() => list(allowCompanies).map((id) => whole('allow-companies', id))),
    activities: read(() => word('activities', activities, ['mine', 'all'])),
    dataDir: read(() => data || fail('data', data, 'a folder')),
    store: read(() => readStorePlace(options, env)),
    hostIntents: read(() => word('host-intents', hostIntents, ['on', 'off'])) === 'on',
    settleSeconds: read(() => whole('settle-seconds', settleSeconds, SETTLE_SECONDS_MAX)),
    adminToken: read(() => token('DEALBRIDGE_ADMIN_TOKEN', env['DEALBRIDGE_ADMIN_TOKEN'])),
    metricsToken: read(() => token('DEALBRIDGE_METRICS_TOKEN', env['DEALBRIDGE_METRICS_TOKEN'])),
    keys: read(() => ringText(env['DEALBRIDGE_KEYS'])),
    callsPerMinute: read(() => whole('calls-per-minute', callsPerMinute)),
    role: read(() => word('role', role, ['web', 'worker', 'all'])),
    subscriptions: read(() => word('subscriptions', subscriptions, ['any', 'named-only'])),
    targets: read(() => word('targets', targets, ['any', 'microsoft'])),
    allowTargets: read(() => list(allowTarget).map((entry) => addressOrRange('allow-target', entry))),
    reconcileTokens: read(() => whole('reconcile-tokens', reconcileTokens)),
    logLevel: read(() => word('log-level', logLevel, ['silent', 'error', 'warn', 'info', 'debug'])),
  }
  read(() => differing(config.adminToken, config.metricsToken))
  read(() => shared(config))
  // The option of `start` alone, told with all others.
  if ('sandboxPort' in options) read(() => portOf('sandbox-port', options['sandboxPort']))
  throwAll()
  return config
}
