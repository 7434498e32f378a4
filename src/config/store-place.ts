import { join } from 'node:path'
import * as z from 'zod'
import { word } from './values.ts'
import type { Variable } from '../kit/command.ts'
import type { StorePlace } from '../store/store.ts'

/** These three identify the database; a password may come from a file or be unnecessary. */
const NEEDED = ['PGHOST', 'PGUSER', 'PGDATABASE'] as const
const OPTIONAL = ['PGPASSWORD', 'PGPORT', 'PGSSLMODE'] as const
const and = (names: readonly string[]): string => names.join(', ').replace(/, (?=[^,]*$)/, ' and ')

/** The variables that configure PostgreSQL. Read only with `--store embedded`. */
export const storeVariables: readonly Variable[] = [
  {
    env: 'DATABASE_URL',
    description:
      'URL of the PostgreSQL that holds the store: postgres://user:password@host:5432/database. The PG* variables fill in what it leaves open',
  },
  ...NEEDED.map((env) => ({ env, description: `the same in parts: ${and(NEEDED)} are needed together` })),
  ...OPTIONAL.map((env) => ({ env, description: `optional, beside ${and(NEEDED)}` })),
]

/** Accepts what the PostgreSQL driver accepts. Messages must not show any of it: it contains a password. */
const postgresUrl = z.string().superRefine((text, context) => {
  const wrong = faultOf(text)
  if (wrong) context.addIssue(` ${wrong}. Expected: postgres://user:password@host:5432/database`)
})

function faultOf(text: string): string | undefined {
  if (!/^postgres(?:ql)?:\/\//i.test(text)) return 'does not begin with postgres:// or postgresql://'
  const parsed = parsePostgresUrl(text)
  // In user:12/34@host the host is "user", and half of the password would be shown as the name of the database.
  if (!parsed || /[/?#].*@/s.test(text.slice(text.indexOf('//') + 2)))
    return 'is not a URL; in user and password, characters such as @ / : # ? % are written %40 %2F %3A %23 %3F %25'
  try {
    for (const part of [parsed.username, parsed.password, parsed.pathname, parsed.hostname]) decodeURIComponent(part)
  } catch {
    return 'has a % that begins no character; a % itself is written %25'
  }
  return undefined
}

/** The driver falls back to 5432 for an invalid port, perhaps another database. */
const postgresPort = z.string().refine((text) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535, {
  error: ({ input }) => `: ${JSON.stringify(input)} is not a port number (1 to 65535)`,
})

/** Incomplete PG* variables are an error, never a fallback: data written to the wrong store would be missing in the right one. */
const postgresParts = z.partialRecord(z.enum([...NEEDED, ...OPTIONAL]), z.string()).superRefine((parts, context) => {
  const present = [...NEEDED, ...OPTIONAL].filter((name) => parts[name])
  const missing = NEEDED.filter((name) => !parts[name])
  if (present.length > 0 && missing.length > 0)
    context.addIssue(
      `${and(present)} ${present.length > 1 ? 'are' : 'is'} set, but not ${and(missing)}: PostgreSQL needs ${and(NEEDED)} (or DATABASE_URL alone). Set what is missing, or unset ${and(present)} for the embedded store`,
    )
})

/**
 * The place of the store. Variables of PostgreSQL replace only `embedded`: a trial must not write into a database that happens to be in the
 * environment. DATABASE_URL takes precedence over the PG* variables, which then fill in what it omits, as with every PostgreSQL client.
 */
export const storeSchema = z
  .object({
    kind: word('embedded', 'memory', 'none'),
    dataDir: z.string(),
    DATABASE_URL: postgresUrl.optional(),
    PGPORT: postgresPort.optional(),
    parts: postgresParts,
  })
  .transform(({ kind, dataDir, DATABASE_URL: url, parts }): StorePlace | undefined => {
    if (kind === 'none') return undefined
    if (kind === 'memory') return { kind }
    if (url !== undefined) return { kind: 'postgres', url }
    return Object.keys(parts).length > 0 ? { kind: 'postgres' } : { kind, folder: join(dataDir, 'store') }
  })

/** The input of `storeSchema`. With an invalid --store, mistakes about PostgreSQL are reported, too. */
export function storeInput({ store: kind = '', data: dataDir = '' }: Record<string, string | undefined>, env: NodeJS.ProcessEnv) {
  const isUnused = kind === 'memory' || kind === 'none'
  const url = isUnused ? undefined : env['DATABASE_URL'] || undefined
  const parts = isUnused || url ? [] : [...NEEDED, ...OPTIONAL].flatMap((name) => (env[name] ? [[name, env[name]]] : []))
  const port = Object.fromEntries(parts.filter(([name]) => name === 'PGPORT'))
  return { kind, dataDir, DATABASE_URL: url, ...port, parts: Object.fromEntries(parts) as Record<string, string> }
}

/** `postgres://user@/database?host=/var/run/postgresql` has no host where a URL must have one. */
const parsePostgresUrl = (text: string): URL | null => URL.parse(text.replace('@/', '@localhost/'))

/** The place of a store, for people: without user and password. */
export function describeStore(place: StorePlace | undefined, env: NodeJS.ProcessEnv = process.env): string {
  if (!place) return '--store none: pass-through keys only, limits per process'
  if (place.kind === 'memory') return 'in memory: lost when the process ends'
  if (place.kind === 'embedded') return `embedded, in ${place.folder}`
  const url = place.url === undefined ? null : parsePostgresUrl(place.url)
  const host =
    url?.searchParams.get('host') || (url && !place.url!.includes('@/') && decodeURIComponent(url.hostname)) || env['PGHOST'] || 'localhost'
  const port = url?.port || env['PGPORT'] || '5432'
  const database = (url && decodeURIComponent(url.pathname.slice(1))) || env['PGDATABASE'] || 'the database named like the user'
  return `PostgreSQL, ${database} at ${host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host}${host.startsWith('/') ? '' : `:${port}`}`
}
