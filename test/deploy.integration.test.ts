import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { commands } from '../src/app.ts'
import { en } from '../src/catalog/locales/en.ts'
import { packageFiles } from '../src/adapters/power-platform/package/package-files.ts'
import { onPostgres } from '../src/store/engines.fixture.ts'
import { postgresPrograms } from '../src/store/postgres-cluster.fixture.ts'
import { contextFilter, filesIn, interpolate, readDockerfile, readEnvFile, referencesIn, stepsOf, variablesOf } from './deploy-files.ts'
import { buildImage, type Image } from './deploy-image.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
/** The image's Node is this one. */
const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`
const work = mkdtempSync(join(tmpdir(), 'dealbridge-deploy-'))
const imageFolder = join(work, 'image')
afterAll(async () => {
  // The program with all its libraries is no output of a test, in which secrets would be looked for.
  await promisify(execFile)('rm', ['-rf', imageFolder])
  rmSync(work, { recursive: true })
})

const stages = readDockerfile(read('deploy/Dockerfile'))
const image = stages.at(-1)!
const [exposed] = stepsOf(image, 'EXPOSE')

/** A Service is what compose.yaml says about one container, as far as it is looked at here. */
interface Service {
  build?: { context: string; dockerfile: string }
  depends_on?: Record<string, { condition: string }>
  environment?: Record<string, string>
  healthcheck?: { test: string[] }
  networks: string[]
  ports?: string[]
  profiles?: string[]
  read_only?: boolean
  command?: string[]
  volumes: string[]
}
interface Compose {
  services: Record<'connector' | 'db' | 'proxy', Service>
  networks: { front: { ipam: { config: { subnet: string }[] } }; back: { internal: boolean } }
  volumes: Record<string, unknown>
}
const composeText = read('deploy/compose.yaml').replaceAll(/^\s*#.*$/gm, '')
const compose = (env: Record<string, string>) => interpolate(parse(composeText) as Compose, env)

const bicep = Object.fromEntries(['container-app', 'logic-apps-connector'].map((name) => [name, read(`deploy/azure/${name}.bicep`)]))
const app = bicep['container-app']!
const connector = bicep['logic-apps-connector']!

const PUBLIC_URL = 'https://connector.example.com'
let folders = 0
/** The unchanged init.sh, in its own folder. */
async function init(...args: string[]) {
  const folder = join(work, `init-${folders++}`)
  mkdirSync(folder)
  copyFileSync(join(root, 'deploy/init.sh'), join(folder, 'init.sh'))
  const again = (...others: string[]) => promisify(execFile)('sh', [join(folder, 'init.sh'), ...others], { cwd: work })
  const { stdout } = await again(...args)
  return { file: join(folder, '.env'), stdout, again, env: readEnvFile(join(folder, '.env')) }
}

describe('init.sh', () => {
  test('writes a file for its owner alone, with other secrets each time', async () => {
    const [one, two] = await Promise.all([init(PUBLIC_URL), init(`${PUBLIC_URL}/`)])
    expect(statSync(one.file).mode & 0o777).toBe(0o600)
    expect(one.env['DEALBRIDGE_PUBLIC_URL']).toBe(PUBLIC_URL)
    expect(two.env['DEALBRIDGE_PUBLIC_URL']).toBe(PUBLIC_URL)
    const isSecret = (name: string) => !name.startsWith('DEALBRIDGE_PUBLIC_')
    const secrets = [one, two].flatMap(({ env }) =>
      Object.keys(env)
        .filter(isSecret)
        .map((name) => env[name]!),
    )
    expect(secrets).toHaveLength(8)
    expect(new Set(secrets).size).toBe(8)
    for (const secret of secrets) expect(one.stdout + two.stdout).not.toContain(secret)
  })

  test('never overwrites', async () => {
    const { file, again } = await init(PUBLIC_URL)
    const before = readFileSync(file, 'utf8')
    await expect(again(PUBLIC_URL)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') as string })
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  test.each([
    [[]],
    [['http://connector.example.com']],
    [['connector.example.com']],
    [['https://a b']],
    [['https://x.example\nA=1']],
    [['https://a', 'b']],
  ])('takes one https address and nothing else: %j', async (args) => {
    await expect(init(...args)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('https://connector.example.com') as string,
    })
    expect(existsSync(join(work, `init-${folders - 1}`, '.env'))).toBe(false)
  })

  test('the host is the address without port and path', async () => {
    const { env } = await init('https://connector.example.com:8443/pipedrive')
    expect(env['DEALBRIDGE_PUBLIC_HOST']).toBe('connector.example.com')
  })
})

describe('Dockerfile', () => {
  test('stands on one slim image of Node 24 throughout', () => {
    expect(new Set(stages.map(({ base }) => base))).toEqual(new Set(['node:24-slim']))
  })

  test('the program does not run as root, and the data folder belongs to its user', () => {
    const verbs = image.steps.map(({ verb }) => verb)
    expect(stepsOf(image, 'USER')).toEqual(['1000:1000'])
    // Nothing after it could be done as root, and what it was is what it stays.
    expect(verbs.slice(verbs.indexOf('USER')).filter((verb) => ['RUN', 'COPY', 'ADD', 'USER'].includes(verb))).toEqual(['USER'])
    expect(stepsOf(image, 'RUN').join()).toContain('install -d -o 1000 -g 1000 -m 700 /data')
    expect(stepsOf(image, 'VOLUME')).toEqual([variablesOf(image)['DEALBRIDGE_DATA']])
    expect(verbs.indexOf('VOLUME')).toBeGreaterThan(verbs.indexOf('RUN'))
  })

  test('the port that it exposes is the one that it listens on, and where the command line looks for it', () => {
    expect(exposed).toBe(variablesOf(image)['DEALBRIDGE_PORT'])
    const list = commands.find(({ name }) => name === 'connections list')!
    expect(list.options.find(({ env }) => env === 'DEALBRIDGE_URL')!.default).toBe(`http://127.0.0.1:${exposed}`)
  })

  test('secrets and what lies around on the machine never get to the builder', () => {
    const passes = contextFilter(read('.dockerignore'))
    const away = [
      'deploy/.env',
      '.dealbridge/keys',
      '.git/config',
      'node_modules/hono/package.json',
      'src/app.test.ts',
      'dist/main.js',
      'test/needs.ts',
    ]
    expect([...away, 'src/main.ts', 'package.json', 'tools/build.ts'].filter(passes)).toEqual([
      'src/main.ts',
      'package.json',
      'tools/build.ts',
    ])
  })
})

/** What the program reads from its environment: by an option, or by name. */
const known = new Set([
  ...commands.flatMap(({ options }) => options.flatMap(({ env }) => env ?? [])),
  ...['config/options.ts', 'config/store-place.ts', 'adapters/cli/management/management.ts'].flatMap((file) =>
    [...read(`src/${file}`).matchAll(/'([A-Z][A-Z_]+)'/g)].map(([, name]) => name!),
  ),
])

test('every variable that Dockerfile, compose.yaml and Bicep set is one that the program knows', async () => {
  const inCompose = Object.keys(compose((await init(PUBLIC_URL)).env).services.connector.environment!)
  const inBicep = [...app.matchAll(/\{ name: '([A-Z_]+)', (?:value|secretRef): /g)].map(([, name]) => name!)
  expect(inCompose).toContain('DEALBRIDGE_KEYS')
  expect(inBicep).toContain('DEALBRIDGE_KEYS')
  // The operator decides whose keys are kept, and where events may go.
  for (const name of ['DEALBRIDGE_SUBSCRIPTIONS', 'DEALBRIDGE_TARGETS'])
    expect(inCompose.includes(name) && inBicep.includes(name)).toBe(true)
  for (const names of [Object.keys(variablesOf(image)), inCompose, inBicep]) {
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !known.has(name))).toEqual([])
  }
})

describe('compose.yaml', () => {
  test('takes all that has no other value from what init.sh writes, and that is all used', async () => {
    const { env } = await init(PUBLIC_URL)
    const references = referencesIn(composeText)
    expect(references.filter(({ name, fallback }) => fallback === undefined && !(name in env))).toEqual([])
    const used = new Set(references.map(({ name }) => name))
    expect(Object.keys(env).filter((name) => !used.has(name))).toEqual([])
  })

  test('does not start with a secret that everybody knows: without init.sh it says what to do', () => {
    const secrets = /KEYS|TOKEN$|PASSWORD/
    for (const { name, fallback, complaint } of referencesIn(composeText).filter(({ name }) => secrets.test(name)))
      expect(fallback === '' || complaint === 'run deploy/init.sh first', name).toBe(true)
    expect(() => compose({})).toThrow('run deploy/init.sh first')
  })

  test('what it refers to is there', async () => {
    const { services, networks, volumes } = compose((await init(PUBLIC_URL)).env)
    const { build } = services.connector
    expect(existsSync(join(root, 'deploy', build!.context, build!.dockerfile))).toBe(true)
    for (const service of Object.values(services)) {
      expect(Object.keys(networks)).toEqual(expect.arrayContaining(service.networks))
      expect(Object.keys(volumes)).toEqual(expect.arrayContaining(service.volumes.map((volume) => volume.split(':')[0])))
    }
    expect(services.connector.depends_on).toEqual({ db: { condition: 'service_healthy' } })
    expect(services.connector.environment!['PGHOST']).toBe('db')
    for (const [ours, theirs] of [
      ['PGUSER', 'POSTGRES_USER'],
      ['PGDATABASE', 'POSTGRES_DB'],
      ['PGPASSWORD', 'POSTGRES_PASSWORD'],
    ] as const)
      expect(services.connector.environment![ours]).toBe(services.db.environment![theirs])
  })

  test('only the proxy is open to others, and the database has no way out', async () => {
    const { services, networks } = compose((await init(PUBLIC_URL)).env)
    expect(services.connector.ports).toEqual([`127.0.0.1:8080:${exposed}`])
    expect(services.db.ports).toBeUndefined()
    expect(services.db.networks).toEqual(['back'])
    expect(networks.back.internal).toBe(true)
    expect(services.proxy.networks).toEqual(['front'])
    expect(services.proxy.profiles).toEqual(['https'])
    expect(services.proxy.command!.slice(-4)).toEqual(['--from', 'connector.example.com', '--to', `connector:${exposed}`])
    // The network of the proxy is what is trusted, and can be moved by one variable.
    const moved = compose({ ...(await init(PUBLIC_URL)).env, FRONT_SUBNET: '10.9.8.0/24', DEALBRIDGE_TRUSTED_PROXIES: '192.0.2.7' })
    expect(moved.networks.front.ipam.config[0]!.subnet).toBe('10.9.8.0/24')
    expect(moved.services.connector.environment!['DEALBRIDGE_TRUSTED_PROXIES']).toBe('10.9.8.0/24,192.0.2.7')
  })
})

describe('the image, built by its steps without Docker', () => {
  let built: Image
  beforeAll(() => {
    built = buildImage(root, imageFolder)
  })

  test('holds the program and what it needs to run, and nothing of what it was built with', async () => {
    expect(existsSync(join(built.folder, 'app/node_modules/hono'))).toBe(true)
    for (const tool of ['node_modules/typescript', 'node_modules/vitest', 'src', 'scripts'])
      expect(existsSync(join(built.folder, 'app', tool)), tool).toBe(false)
    expect(filesIn(join(built.folder, 'app/dist')).filter((file) => /\.(?:test|fixture)\./.test(file))).toEqual([])
    // By its name, as `docker compose exec` does: it is linked, may be executed, and finds Node and its package.
    const { stdout } = await promisify(execFile)(join(built.folder, 'usr/local/bin/dealbridge'), ['--version'], { env: { PATH } })
    expect(stdout.trim()).toBe((JSON.parse(read('package.json')) as { version: string }).version)
  })

  onPostgres('a container of compose.yaml', ({ newDatabase }) => {
    let child: ChildProcess
    let url: string
    let environment: Record<string, string>
    let before: string[]
    const [home, temporary] = ['home', 'tmp'].map((name) => join(work, name))
    beforeAll(async () => {
      const { env } = await init(PUBLIC_URL)
      const database = new URL(await newDatabase())
      for (const folder of [home!, temporary!]) mkdirSync(folder)
      environment = {
        PATH,
        HOME: home!,
        TMPDIR: temporary!,
        ...built.env,
        ...compose(env).services.connector.environment,
        // Only what cannot be the same here: a port that may be taken, and a database that lies elsewhere.
        DEALBRIDGE_PORT: '0',
        PGHOST: database.hostname,
        PGPORT: database.port,
        PGUSER: database.username,
        PGPASSWORD: decodeURIComponent(database.password),
        PGDATABASE: database.pathname.slice(1),
      }
      before = filesIn(built.folder)
      const [program, ...args] = built.command
      expect(program).toBe('node')
      child = spawn(process.execPath, args, { cwd: join(built.folder, 'app'), env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
      let printed = ''
      child.stderr!.on('data', (chunk) => (printed += String(chunk)))
      url = await new Promise<string>((resolve, reject) => {
        child.on('exit', (code) => reject(new Error(`it ended with ${code}: ${printed}`)))
        child.stdout!.on('data', (chunk) => {
          const port = /is at http:\/\/0\.0\.0\.0:(\d+)/.exec((printed += String(chunk)))?.[1]
          if (port) resolve(`http://127.0.0.1:${port}`)
        })
      })
    })
    afterAll(() => void child.kill('SIGKILL'))

    const checkHealth = (port: string) => {
      const [program, ...args] = built.healthcheck
      expect(program).toBe('node')
      return promisify(execFile)(process.execPath, args, { env: { ...environment, DEALBRIDGE_PORT: port } })
    }

    test('is healthy by the check in the Dockerfile, and is not where nothing answers', async () => {
      await checkHealth(new URL(url).port)
      await expect(checkHealth('1')).rejects.toMatchObject({ code: 1 })
    })

    test('serves every page that a probe of Azure asks for', async () => {
      const pages = [...app.matchAll(/httpGet: \{ path: '([^']+)', port: port \}/g)].map(([, path]) => path!)
      expect(pages.toSorted()).toEqual(['/healthz', '/healthz', '/readyz'])
      for (const page of pages) expect((await fetch(url + page)).status, page).toBe(200)
    })

    test('says the public address, and takes the tokens that init.sh has made', async () => {
      expect(await (await fetch(`${url}/swagger.json`)).json()).toMatchObject({ host: 'connector.example.com', schemes: ['https'] })
      const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
      expect((await fetch(`${url}/metrics`, bearer(environment['DEALBRIDGE_METRICS_TOKEN']!))).status).toBe(200)
      expect((await fetch(`${url}/api/connections`, bearer(environment['DEALBRIDGE_METRICS_TOKEN']!))).status).toBe(401)
      // As `docker compose exec connector dealbridge …` finds it.
      const dealbridge = join(built.folder, 'usr/local/bin/dealbridge')
      const env = { ...environment, DEALBRIDGE_URL: url }
      const { stdout } = await promisify(execFile)(dealbridge, ['connections', 'list', '--json'], { env })
      expect(JSON.parse(stdout)).toEqual([])
    })

    test('ends on SIGTERM with 0, and has written nothing: its root can be read-only', async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
      expect(filesIn(built.folder)).toEqual(before)
      expect([filesIn(home!), filesIn(temporary!)]).toEqual([[], []])
    })

    test('the check of its database is one that PostgreSQL has', async () => {
      const [kind, program, ...args] = compose((await init(PUBLIC_URL)).env).services.db.healthcheck!.test
      expect([kind, program]).toEqual(['CMD', 'pg_isready'])
      await promisify(execFile)(join(postgresPrograms()!, program!), [...args, '--port', environment['PGPORT']!])
    })
  })
})

describe('Bicep', () => {
  /** Without comments and texts, where brackets and names mean nothing. */
  const bare = (text: string) => text.replaceAll(/(?<!:)\/\/.*$/gm, '')

  test.each(Object.entries(bicep))(
    '%s: every bracket is closed, every parameter is used, no domain of one cloud stands there',
    (_, text) => {
      const open: string[] = []
      for (const [bracket] of bare(text)
        .replaceAll(/'[^'\n]*'/g, "''")
        .matchAll(/[()[\]{}]/g))
        if ('([{'.includes(bracket)) open.push(bracket)
        else expect(open.pop()! + bracket).toMatch(/^(?:\(\)|\[\]|\{\})$/)
      expect(open).toEqual([])
      for (const [, name] of text.matchAll(/^(?:param|var) (\w+)/gm))
        expect(bare(text).match(new RegExp(String.raw`(?<!\.)\b${name}\b(?!:)`, 'g'))!.length, name).toBeGreaterThan(1)
      expect(text).not.toMatch(/azure\.com|azurecr\.|windows\.net|azurecontainerapps\.|microsoftonline|\.chinacloudapi|usgovcloudapi/)
    },
  )

  test('every secret that a container refers to is one of the app, and all of them are used', () => {
    const given = [...app.matchAll(/\{ name: '([a-z-]+)', value: /g)].map(([, name]) => name!)
    const used = [...app.matchAll(/secretRef: '([a-z-]+)'/g)].map(([, name]) => name!)
    expect(new Set(used)).toEqual(new Set(given))
    // What is secret does not get into the history of deployments.
    for (const [, name] of app.matchAll(/^param (\w*(?:keyRing|Token|Password|databaseUrl))\b/gm))
      expect(app, name).toMatch(new RegExp(String.raw`@secure\(\)\n(?:@.*\n)*param ${name}\b`))
  })

  test('ingress, probes and program have one port, and one replica is always there', () => {
    expect(app).toContain(`var port = ${exposed}`)
    expect(app).toContain('targetPort: port')
    expect(app).toContain(`{ name: 'DEALBRIDGE_PORT', value: string(port) }`)
    expect(app).toMatch(/minReplicas: 1,/)
    expect(app).toContain('external: true')
    expect(app).toContain('allowInsecure: false')
  })

  test('what the Logic Apps resource takes out of the package is in it', () => {
    const files = packageFiles({ url: PUBLIC_URL, auth: 'key', locale: en, version: '0.1.0' })
    const taken = [...connector.matchAll(/load\w+\('package\/([^']+)'\)/g)].map(([, name]) => name!)
    expect(taken.filter((name) => !(name in files))).toEqual([])
    const json = (name: string) => JSON.parse(Buffer.from(files[name]!).toString()) as Record<string, unknown>
    const values: Record<string, unknown> = {
      definition: json('apiDefinition.swagger.json'),
      apiProperties: json('apiProperties.json')['properties'],
    }
    const paths = [...bare(connector).matchAll(/(?<!\/)\b((?:definition|apiProperties)(?:\.\w+)+)/g)].map(([, path]) => path!)
    expect(paths).toContain('definition.basePath')
    for (const path of paths) {
      const value = path.split('.').reduce<unknown>((from, name) => (from as Record<string, unknown> | undefined)?.[name], values)
      expect(value, path).toBeDefined()
    }
  })
})
