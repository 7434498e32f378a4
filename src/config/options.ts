import type * as z from 'zod'
import { address, addressOrRange, folder, hostName, keyRing, listOf, optional, port, token, url, whole, word } from './values.ts'
import type { CommandOption, Variable } from '../kit/command.ts'

/** A Setting is one option of the connector: its flag, its variable, its schema and its description. */
export type Setting = CommandOption & { reads: z.ZodType<unknown, string> }

/** A write that has not appeared after a minute never will; hosts time out long before. */
const SETTLE_SECONDS_MAX = 60

/** All options, by their names in the `Config`. The command line, `readConfig` and `docs/configuration.md` use this table. */
export const settings = {
  upstream: {
    flags: '--upstream <url>',
    description: 'URL of the Pipedrive API, or of a sandbox',
    default: 'https://api.pipedrive.com',
    env: 'DEALBRIDGE_UPSTREAM',
    reads: url,
  },
  port: {
    flags: '--port <number>',
    description: 'port of the connector; 0 takes any free one',
    default: '8080',
    env: 'DEALBRIDGE_PORT',
    reads: port,
  },
  hostname: {
    flags: '--host <address>',
    description: 'address to listen on',
    default: '127.0.0.1',
    env: 'DEALBRIDGE_HOST',
    reads: address,
  },
  publicUrl: {
    flags: '--public-url <url>',
    description: 'URL at which callers reach the connector: used in Location headers, the definition and webhooks',
    absent: 'taken from each request',
    env: 'DEALBRIDGE_PUBLIC_URL',
    reads: optional(url),
  },
  allowHosts: {
    flags: '--allow-host <list>',
    description:
      'more names that requests may be for, besides those of this machine and of --public-url. Without it a server on a loopback address ' +
      'serves only those, and one on another address serves any name',
    absent: 'none',
    env: 'DEALBRIDGE_ALLOW_HOST',
    reads: listOf(hostName),
  },
  trustedProxies: {
    flags: '--trusted-proxies <list>',
    description: 'addresses or CIDR ranges of proxies whose X-Forwarded-* headers count',
    absent: 'none',
    env: 'DEALBRIDGE_TRUSTED_PROXIES',
    reads: listOf(addressOrRange),
  },
  allowCompanies: {
    flags: '--allow-companies <ids>',
    description: 'ids of the Pipedrive companies that the connector serves',
    absent: 'all',
    env: 'DEALBRIDGE_ALLOW_COMPANIES',
    reads: listOf(whole()),
  },
  activities: {
    flags: '--activities <mine|all>',
    description: 'whose activities the activity triggers return: those of the key’s user, or all',
    default: 'mine',
    env: 'DEALBRIDGE_ACTIVITIES',
    reads: word('mine', 'all'),
  },
  callsPerMinute: {
    flags: '--calls-per-minute <number>',
    description: 'calls that one connection may make in 60 s',
    default: '100',
    env: 'DEALBRIDGE_CALLS_PER_MINUTE',
    reads: whole(),
  },
  store: {
    flags: '--store <embedded|memory|none>',
    description:
      'where connections, subscriptions and idempotency records are stored; embedded uses PostgreSQL instead if DATABASE_URL or the PG* variables are set',
    default: 'embedded',
    env: 'DEALBRIDGE_STORE',
    reads: word('embedded', 'memory', 'none'),
  },
  hostIntents: {
    flags: '--host-intents <on|off>',
    description: 'whether a repeated call of a host (same x-ms-action-tracking-id) returns the first answer',
    default: 'on',
    env: 'DEALBRIDGE_HOST_INTENTS',
    reads: word('on', 'off').transform((given) => given === 'on'),
  },
  settleSeconds: {
    flags: '--settle-seconds <number>',
    description: `seconds that a write of unknown outcome may take to appear in Pipedrive, 1 to ${SETTLE_SECONDS_MAX}`,
    default: '10',
    env: 'DEALBRIDGE_SETTLE_SECONDS',
    reads: whole(SETTLE_SECONDS_MAX),
  },
  role: {
    flags: '--role <web|worker|all>',
    description:
      'what this process does if several share a PostgreSQL: web takes requests, worker delivers to instant triggers, all does both',
    default: 'all',
    env: 'DEALBRIDGE_ROLE',
    reads: word('web', 'worker', 'all'),
  },
  subscriptions: {
    flags: '--subscriptions <any|named-only>',
    description: 'who may subscribe to instant triggers: any key (a Pipedrive key is stored, sealed), or only connection keys',
    default: 'any',
    env: 'DEALBRIDGE_SUBSCRIPTIONS',
    reads: word('any', 'named-only'),
  },
  targets: {
    flags: '--targets <any|microsoft>',
    description: 'callback URLs that instant triggers accept: any public https address, or only those of Power Automate and Logic Apps',
    default: 'any',
    env: 'DEALBRIDGE_TARGETS',
    reads: word('any', 'microsoft'),
  },
  allowTargets: {
    flags: '--allow-target <list>',
    description: 'private addresses or CIDR ranges that callbacks may go to, also over http',
    absent: 'none',
    env: 'DEALBRIDGE_ALLOW_TARGET',
    reads: listOf(addressOrRange),
  },
  reconcileTokens: {
    flags: '--reconcile-tokens <number>',
    description: 'API tokens a day, for each connection and kind of record, to find events that no webhook delivered',
    default: '300',
    env: 'DEALBRIDGE_RECONCILE_TOKENS',
    reads: whole(),
  },
  dataDir: {
    flags: '--data <folder>',
    description: 'folder of the key file, the admin token and the embedded store',
    default: '.dealbridge',
    env: 'DEALBRIDGE_DATA',
    reads: folder,
  },
  logLevel: {
    flags: '--log-level <level>',
    description: 'how much is logged: silent, error, warn, info or debug',
    default: 'info',
    env: 'DEALBRIDGE_LOG_LEVEL',
    reads: word('silent', 'error', 'warn', 'info', 'debug'),
  },
} as const satisfies Record<string, Setting>

/** The port of the sandbox of `start`. */
export const sandboxPort = {
  flags: '--sandbox-port <number>',
  description: 'port of the sandbox; 0 takes any free one',
  default: '8081',
  env: 'DEALBRIDGE_SANDBOX_PORT',
  reads: port,
} as const satisfies Setting

/** Secrets of the `Config`. They are no options, because other users of the machine can see command lines. */
export const secrets = {
  adminToken: {
    env: 'DEALBRIDGE_ADMIN_TOKEN',
    description: 'token of the admin, at least 24 characters. Without it the server makes one, in the file admin-token of --data',
    reads: token,
  },
  metricsToken: {
    env: 'DEALBRIDGE_METRICS_TOKEN',
    description: 'token that opens /metrics and nothing else, at least 24 characters',
    reads: token,
  },
  keys: {
    env: 'DEALBRIDGE_KEYS',
    description:
      'key ring that seals Pipedrive keys and signs trigger states: id:base64,…, at least 32 bytes each; the first key is used for new seals. ' +
      'Without it the server uses the key file in --data, and makes one if it listens on a loopback address',
    reads: keyRing,
  },
} as const satisfies Record<string, Variable & { reads: z.ZodType<unknown, string> }>
