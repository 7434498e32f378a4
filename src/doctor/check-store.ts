import { existsSync } from 'node:fs'
import { describeStore } from '../config/store-place.ts'
import { silentLogger } from '../kit/logger.ts'
import { migrationNames } from '../store/migrations/index.ts'
import { openStore } from '../store/open-store.ts'
import { createClient } from '../store/postgres/postgres-dialect.ts'
import type { StorePlace } from '../store/store.ts'
import type { ProbedServer } from './check-server.ts'
import { findingsOf, errorText, type Finding, type DoctorContext } from './finding.ts'
import { textIn } from './probe.ts'

const { ok, warning, problem } = findingsOf('store')
/** A person waits for this. */
const ANSWER_WITHIN_MS = 5_000

/** Whether the store can be used, and its tables are those of this version. What a running server has open only that server is asked about. */
export async function checkStore({ config, env }: DoctorContext, server: ProbedServer | undefined): Promise<Finding> {
  const { store } = config
  const where = describeStore(store, env)
  if (!store) return ok(where)
  if (store.kind === 'postgres') return checkPostgres(store, where)
  if (server) return checkReady(server)
  if (store.kind === 'memory') return warning(where, 'Fine to try things out. To keep connections: --store embedded, or DATABASE_URL.')
  if (!existsSync(store.folder)) return ok(`${where}: not there yet; the first start makes it`)
  try {
    const opened = await openStore({ place: store, logger: silentLogger })
    try {
      await opened.ping()
    } finally {
      await opened.close()
    }
    return ok(`${where}: opens, with the tables of this version`)
  } catch (error) {
    return problem(
      `${where}: ${errorText(error)}`,
      'Stop what else uses the folder. If nothing does, restore it from a backup, or choose another with --data.',
    )
  }
}

function checkReady({ url, ready }: ProbedServer): Finding {
  if ('silent' in ready)
    return problem(`the server at ${url} does not say whether it is ready: ${ready.silent}`, "Look into the server's log.")
  if (ready.status === 200) return ok(`the server at ${url} has its store open and is ready`)
  const message = textIn(ready, 'message') ?? 'it gives no reason'
  return problem(`the server at ${url} is not ready (${ready.status}): ${message}`, "Look into the server's log.")
}

/** Connects, and changes nothing: whether to migrate decides whoever starts the server. */
async function checkPostgres({ url }: StorePlace & { kind: 'postgres' }, where: string): Promise<Finding> {
  let client: ReturnType<typeof createClient> | undefined
  try {
    client = createClient({ connectionString: url, connectionTimeoutMillis: ANSWER_WITHIN_MS, query_timeout: ANSWER_WITHIN_MS })
    // A connection that breaks later would end the process.
    client.on('error', () => undefined)
    await client.connect()
    const table = await client.query<{ found: string | null }>(`select to_regclass('kysely_migration')::text as found`)
    const done = table.rows[0]?.found ? (await client.query<{ name: string }>('select name from kysely_migration')).rows : []
    return judgeMigrations(
      done.map(({ name }) => name),
      migrationNames,
      where,
    )
  } catch (error) {
    return problem(
      `${where}: ${errorText(error)}`,
      'Compare DATABASE_URL or PG* with what psql takes from this machine; is PostgreSQL up, and may we reach it?',
    )
  } finally {
    await client?.end().catch(() => undefined)
  }
}

/** `done` lies in the database, `known` in this program. */
export function judgeMigrations(done: readonly string[], known: readonly string[], where: string): Finding {
  const newer = done.filter((name) => !known.includes(name))
  const pending = known.filter((name) => !done.includes(name))
  if (newer.length > 0)
    return problem(`${where}: its tables are from a newer Dealbridge (${newer.join(', ')})`, 'Run that version, or a newer one, here too.')
  if (pending.length === 0) return ok(`${where}: reachable, with the tables of this version`)
  return ok(`${where}: reachable; the next start brings its tables up to date (${pending.join(', ')})`)
}
