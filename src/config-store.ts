import { join } from 'node:path'
import type { StorePlace } from './store/store.ts'

/** Without these three nobody knows which database is meant; a password may come from a file or be needless. */
const NEEDED = ['PGHOST', 'PGUSER', 'PGDATABASE'] as const
const OPTIONAL = ['PGPASSWORD', 'PGPORT', 'PGSSLMODE'] as const
const and = (names: readonly string[]): string => names.join(', ').replace(/, (?=[^,]*$)/, ' and ')
const POSTGRES_URL = /^postgres(?:ql)?:\/\//i

/**
 * Where a store lies. Only `embedded` gives way to PostgreSQL: what was started to try things out must not write into a database that
 * happens to be in the environment. DATABASE_URL goes before the PG* variables, which then only fill in what it leaves open, as with every
 * PostgreSQL client.
 * Half of the PG* variables are a mistake, never a reason to fall back: what is written to the wrong store is lost for the right one.
 */
export function storePlace(kind: 'embedded' | 'memory' | 'none', dataDir: string, env: NodeJS.ProcessEnv): StorePlace | undefined {
  if (kind === 'none') return undefined
  if (kind === 'memory') return { kind }
  const url = env['DATABASE_URL']
  if (url) return { kind: 'postgres', url: postgresUrl(url) }
  const given = [...NEEDED, ...OPTIONAL].filter((name) => env[name])
  const missing = NEEDED.filter((name) => !env[name])
  if (given.length > 0 && missing.length > 0)
    throw new Error(
      `${and(given)} ${given.length > 1 ? 'are' : 'is'} set, but not ${and(missing)}: PostgreSQL needs ${and(NEEDED)} (or DATABASE_URL alone). Set what is missing, or unset ${and(given)} for the embedded store`,
    )
  const port = env['PGPORT']
  // The driver would take 5432 for it: another database, perhaps.
  if (given.length > 0 && port && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535))
    throw new Error(`PGPORT: ${JSON.stringify(port)} is not a port number (1 to 65535)`)
  if (given.length > 0) return { kind: 'postgres' }
  return { kind, folder: join(dataDir, 'store') }
}

/** Takes what the PostgreSQL driver takes. An error must not show any of it: there is a password inside. */
function postgresUrl(text: string): string {
  const wrong = (what: string): never => {
    throw new Error(`DATABASE_URL ${what}. Expected: postgres://user:password@host:5432/database`)
  }
  if (!POSTGRES_URL.test(text)) wrong('does not begin with postgres:// or postgresql://')
  const parsed = parsePostgresUrl(text)
  // In user:12/34@host the host is "user", and half the password the name of a database, which is shown.
  if (!parsed || /[/?#].*@/s.test(text.slice(text.indexOf('//') + 2)))
    return wrong('is not a URL; in user and password, characters such as @ / : # ? % are written %40 %2F %3A %23 %3F %25')
  try {
    for (const part of [parsed.username, parsed.password, parsed.pathname, parsed.hostname]) decodeURIComponent(part)
  } catch {
    wrong('has a % that begins no character; a % itself is written %25')
  }
  return text
}

/** `postgres://user@/database?host=/var/run/postgresql` has no host where a URL must have one. */
const parsePostgresUrl = (text: string): URL | null => URL.parse(text.replace('@/', '@localhost/'))

/** Where a store lies, for people: without user and password. */
export function describeStore(place: StorePlace | undefined, env: NodeJS.ProcessEnv = process.env): string {
  if (!place) return '--store none: pass-through keys only, limits per process'
  if (place.kind === 'memory') return 'in memory: forgotten with the process'
  if (place.kind === 'embedded') return `embedded, in ${place.folder}`
  const url = place.url === undefined ? null : parsePostgresUrl(place.url)
  const host =
    url?.searchParams.get('host') || (url && !place.url!.includes('@/') && decodeURIComponent(url.hostname)) || env['PGHOST'] || 'localhost'
  const port = url?.port || env['PGPORT'] || '5432'
  const database = (url && decodeURIComponent(url.pathname.slice(1))) || env['PGDATABASE'] || 'the database named like the user'
  return `PostgreSQL, ${database} at ${host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host}${host.startsWith('/') ? '' : `:${port}`}`
}
