import { join } from 'node:path'
import * as z from 'zod'
import { word } from './config-values.ts'
import type { Variable } from './kit/command.ts'
import type { StorePlace } from './store/store.ts'

/** Without these three nobody knows which database is meant; a password may come from a file or be needless. */
const NEEDED = ['PGHOST', 'PGUSER', 'PGDATABASE'] as const
const OPTIONAL = ['PGPASSWORD', 'PGPORT', 'PGSSLMODE'] as const
const and = (names: readonly string[]): string => names.join(', ').replace(/, (?=[^,]*$)/, ' and ')

/** What says where PostgreSQL is. Read with `--store embedded` only. */
export const storeVariables: readonly Variable[] = [
  {
    env: 'DATABASE_URL',
    description:
      'URL of the PostgreSQL that holds the store: postgres://user:password@host:5432/database. The PG* variables fill in what it leaves open',
  },
  ...NEEDED.map((env) => ({ env, description: `the same in parts: ${and(NEEDED)} are needed together` })),
  ...OPTIONAL.map((env) => ({ env, description: `optional, beside ${and(NEEDED)}` })),
]

/** Takes what the PostgreSQL driver takes. A mistake must not show any of it: there is a password inside. */
const postgresUrl = z.string().superRefine((text, context) => {
  const wrong = whatIsWrong(text)
  if (wrong) context.addIssue(` ${wrong}. Expected: postgres://user:password@host:5432/database`)
})

function whatIsWrong(text: string): string | undefined {
  if (!/^postgres(?:ql)?:\/\//i.test(text)) return 'does not begin with postgres:// or postgresql://'
  const parsed = parsePostgresUrl(text)
  // In user:12/34@host the host is "user", and half the password the name of a database, which is shown.
  if (!parsed || /[/?#].*@/s.test(text.slice(text.indexOf('//') + 2)))
    return 'is not a URL; in user and password, characters such as @ / : # ? % are written %40 %2F %3A %23 %3F %25'
  try {
    for (const part of [parsed.username, parsed.password, parsed.pathname, parsed.hostname]) decodeURIComponent(part)
  } catch {
    return 'has a % that begins no character; a % itself is written %25'
  }
  return undefined
}

/** The driver would take 5432 for a mistake: another database, perhaps. */
const postgresPort = z.string().refine((text) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535, {
  error: ({ input }) => `: ${JSON.stringify(input)} is not a port number (1 to 65535)`,
})

/** Half of the PG* variables are a mistake, never a reason to fall back: what is written to the wrong store is lost for the right one. */
const postgresParts = z.partialRecord(z.enum([...NEEDED, ...OPTIONAL]), z.string()).superRefine((parts, context) => {
  const given = [...NEEDED, ...OPTIONAL].filter((name) => parts[name])
  const missing = NEEDED.filter((name) => !parts[name])
  if (given.length > 0 && missing.length > 0)
    context.addIssue(
      `${and(given)} ${given.length > 1 ? 'are' : 'is'} set, but not ${and(missing)}: PostgreSQL needs ${and(NEEDED)} (or DATABASE_URL alone). Set what is missing, or unset ${and(given)} for the embedded store`,
    )
})

/**
 * Where a store is. Only `embedded` gives way to PostgreSQL: what was started to try things out must not write into a database that
 * happens to be in the environment. DATABASE_URL goes before the PG* variables, which then only fill in what it leaves open, as with every
 * PostgreSQL client.
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

/** What `storeSchema` reads. A mistyped --store hides no mistake about PostgreSQL: corrected, it would probably have met that. */
export function storeInput({ store: kind = '', data: dataDir = '' }: Record<string, string | undefined>, env: NodeJS.ProcessEnv) {
  const isUnused = kind === 'memory' || kind === 'none'
  const url = isUnused ? undefined : env['DATABASE_URL'] || undefined
  const parts = isUnused || url ? [] : [...NEEDED, ...OPTIONAL].flatMap((name) => (env[name] ? [[name, env[name]]] : []))
  const port = Object.fromEntries(parts.filter(([name]) => name === 'PGPORT'))
  return { kind, dataDir, DATABASE_URL: url, ...port, parts: Object.fromEntries(parts) as Record<string, string> }
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
