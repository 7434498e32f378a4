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

/** Whether the store can be used and has the tables of this version. If a server runs, asks it about the embedded store. */
export async function checkStore({ config, env }: DoctorContext, server: ProbedServer | undefined): Promise<Finding> {
  const { store } = config
  const where = describeStore(store, env)
  if (!store) return ok(where)
  if (store.kind === 'postgres') return checkPostgres(store, where)
  if (server) return checkReady(server)
  if (store.kind === 'memory') return warning(where, 'Suitable for trials. To keep connections: --store embedded, or DATABASE_URL.')
  if (!existsSync(store.folder)) return ok(`${where}: does not exist yet; the first start creates it`)
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
      'If another process uses the folder, stop it. Otherwise restore the folder from a backup, or choose another with --data.',
    )
  }
}

function checkReady({ url, ready }: ProbedServer): Finding {
  if ('silent' in ready) return problem(`the server at ${url} does not say whether it is ready: ${ready.silent}`, "Read the server's log.")
  if (ready.status === 200) return ok(`the server at ${url} has its store open and is ready`)
  const message = textIn(ready, 'message') ?? 'no reason given'
  return problem(`the server at ${url} is not ready (${ready.status}): ${message}`, "Read the server's log.")
}

/** Connects and changes nothing: only a start of the server migrates. */
async function checkPostgres({ url }: StorePlace & { kind: 'postgres' }, where: string): Promise<Finding> {
  let client: ReturnType<typeof createClient> | undefined
  try {
    client = createClient({ connectionString: url, connectionTimeoutMillis: ANSWER_WITHIN_MS, query_timeout: ANSWER_WITHIN_MS })
    // Without a listener, a connection that breaks later would end the process.
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
      'Check that psql connects from this machine with the same DATABASE_URL or PG* variables, that PostgreSQL runs, and that no firewall blocks it.',
    )
  } finally {
    await client?.end().catch(() => undefined)
  }
}

/** `done` comes from the database, `known` from this program. */
export function judgeMigrations(done: readonly string[], known: readonly string[], where: string): Finding {
  const newer = done.filter((name) => !known.includes(name))
  const pending = known.filter((name) => !done.includes(name))
  if (newer.length > 0)
    return problem(`${where}: its tables are from a newer Dealbridge (${newer.join(', ')})`, 'Run that version or a newer one.')
  if (pending.length === 0) return ok(`${where}: reachable, with the tables of this version`)
  return ok(`${where}: reachable; the next start migrates its tables (${pending.join(', ')})`)
}
