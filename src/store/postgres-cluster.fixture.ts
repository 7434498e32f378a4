import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { eventually } from '../kit/eventually.fixture.ts'

/** A Cluster is a PostgreSQL server of our own, on a free port, gone with its data after `stop` or with this process. */
export interface Cluster {
  /** The database `postgres`, as a superuser. */
  url: string
  /** All at once, as when its machine fails: what was not committed is gone. Resolves when it answers again. */
  crash(): Promise<void>
  stop(): Promise<void>
}

const VERSIONS = '/usr/lib/postgresql'

/** The folder of PostgreSQL's programs, where Debian puts them; the newest one. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined
  const folders = readdirSync(VERSIONS)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, 'bin'))
  return folders.find((folder) => existsSync(join(folder, 'initdb')))
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
function runAs(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim() || Number.NaN)
  return { uid: idOf('-u'), gid: idOf('-g') }
}

// Tests prove what we do with a database, not that PostgreSQL survives a power cut.
const SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'shared_buffers=32MB', 'max_connections=300']

/**
 * Its standard input stays open as long as we live: when that ends, by `stop` or by any death of ours, the server goes, and its data. Until then
 * a server that has died is started again.
 */
const WATCHDOG = [
  'serve() { while [ ! -e "$FOLDER/end" ]; do "$0" "$@" & echo $! >"$FOLDER/server"; wait $!; sleep 0.1; done; }',
  'serve "$@" & keeper=$!; cat >/dev/null; touch "$FOLDER/end"; kill -INT $(cat "$FOLDER/server"); wait $keeper; rm -rf "$FOLDER"',
].join('; ')

/** Starts a cluster; takes about two seconds. A bench wants other settings than tests. */
export async function startCluster(chosen: readonly string[] = SETTINGS): Promise<Cluster> {
  const programs = postgresPrograms()
  if (!programs) throw new Error(`PostgreSQL's programs are not in ${VERSIONS}.`)
  const user = runAs()
  const password = randomBytes(16).toString('hex')
  const folder = mkdtempSync(join(tmpdir(), 'dealbridge-postgres-'))
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password)
  if (user.uid !== undefined && user.gid !== undefined) {
    chownSync(folder, user.uid, user.gid)
    chownSync(passwordFile, user.uid, user.gid)
  }
  const data = join(folder, 'data')
  const init = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C', '--no-sync']
  const made = spawnSync(join(programs, 'initdb'), init, { ...user, cwd: folder, encoding: 'utf8' })
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`)
  }
  const port = await freePort()
  const settings = [...chosen, 'listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${folder}`]
  const args = ['-c', WATCHDOG, join(programs, 'postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])]
  // Detached: Ctrl-C in a terminal must reach the tests, which stop it, and not the server under their feet.
  const watchdog = spawn('sh', args, {
    ...user,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, FOLDER: folder },
  })
  const log: string[] = []
  watchdog.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text))
  const gone = once(watchdog, 'exit')
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  const stop = async () => {
    watchdog.ref()
    watchdog.stdin.end()
    await gone
  }
  try {
    await Promise.race([answers(url), gone.then(() => Promise.reject(new Error('its process ended')))])
  } catch (error) {
    await stop()
    throw new Error(`PostgreSQL did not start:\n${log.join('')}`, { cause: error })
  }
  // What it logs from now on are mostly the mistakes that tests make on purpose. A test run that ends without `stop` must not wait for it.
  log.length = 0
  watchdog.stderr.removeAllListeners('data').resume()
  watchdog.unref()
  return {
    url,
    async crash() {
      process.kill(Number(readFileSync(join(folder, 'server'), 'utf8')), 'SIGQUIT')
      await answers(url)
    },
    stop,
  }
}

const answers = (url: string): Promise<void> =>
  eventually(async () => {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
    } finally {
      await client.end().catch(() => {})
    }
  })

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
