import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createSandbox } from '../../sandbox/src/index.ts'
import { createSecretSearch, FORMS } from './find-secrets.ts'

const root = join(import.meta.dirname, '../..')
const dir = mkdtempSync(join(tmpdir(), 'dealbridge-outputs-'))
symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'))
afterAll(() => {
  // It is full of secrets, and what is removed is looked through.
  rmSync(join(dir, 'leaks.test.ts'))
  rmSync(dir, { recursive: true })
})

// The secrets are put together where they are used: no output of this file has one.
const file = (name: string, source: string) => writeFileSync(join(dir, name), source)
file(
  'vitest.config.mts',
  `import { endOfRun } from '${root}/test/end-of-run.ts'
   export default { test: { reporters: ['default', endOfRun], setupFiles: ['${root}/test/outputs/watch-outputs.ts'] } }`,
)
file(
  'leaks.test.ts',
  `import { spawn, spawnSync } from 'node:child_process'
   import { once } from 'node:events'
   import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
   import { createServer } from 'node:http'
   import { tmpdir } from 'node:os'
   import { join } from 'node:path'
   import { test } from 'vitest'
   import { newLocationToken } from '${root}/src/delivery/subscriptions/location-token.ts'
   import { newHookSecret } from '${root}/src/delivery/ingest/hook-secrets.ts'
   import { createLogger } from '${root}/src/kit/logger.ts'
   import { Secret } from '${root}/src/kit/secret.ts'

   const key = (n) => 'dbk' + '_' + String(n).repeat(43)
   test('standard output', () => void process.stdout.write('1 ' + key(1) + '\\n'))
   test('console', () => console.log('2 ' + key(2)))
   test('a logger', () => createLogger('error').error({ key: '3 ' + key(3) }, 'x'))
   test('a silent logger', () => createLogger('silent').debug({ key: '4 ' + key(4) }, 'x'))
   test('a header', () => void new Response(null, { headers: { 'x-y': '5 ' + key(5) } }))
   test('a body', () => void new Response(JSON.stringify({ id: '6 ' + key(6) })))
   test('a server, with the secret in two pieces', async () => {
     const server = createServer((_, response) => {
       response.writeHead(200, { 'content-length': 49 }).write('7 ' + key(7).slice(0, 20))
       setTimeout(() => response.end(key(7).slice(20)), 50)
     }).listen(0, '127.0.0.1')
     await once(server, 'listening')
     await (await fetch('http://127.0.0.1:' + server.address().port)).text()
     server.close()
   })
   const print = (n) => ['-e', 'console.log("' + n + ' dbk" + "_" + "' + n + '".repeat(43))']
   test('a child', async () => void (await once(spawn(process.execPath, print(8)), 'close')))
   test('a child that is waited for', () => void spawnSync(process.execPath, print(9)))
   test('a file', () => {
     const folder = mkdtempSync(join(tmpdir(), 'dealbridge-leak-'))
     writeFileSync(join(folder, 'store'), '0 ' + key(0))
     rmSync(folder, { recursive: true })
   })
   test('a secret without a form', () => console.error('N ' + new Secret('correct horse'.replace(' ', '-')).reveal()))
   test('a secret of a webhook', () => console.error('H ' + newHookSecret()))
   test('a Location', () => console.error('L ' + newLocationToken()))
   test('the signature of a callback URL', () => {
     const signature = 'correct horse battery'.replaceAll(' ', '-')
     new Secret('https://example.com/flow?sp=run&sig=' + signature).reveal()
     console.error('S ' + signature)
   })
   test('what may be shown once', () => {
     for (const _ of ['first', 'again']) void new Response(JSON.stringify({ key: key('o') }))
   })`,
)
file(
  'clean.test.ts',
  `import { test } from 'vitest'
   import { Secret } from '${root}/src/kit/secret.ts'
   test('shows none', () => {
     const secret = new Secret('correct horse'.replace(' ', '-'))
     secret.reveal()
     void new Response(JSON.stringify({ key: 'dbk' + '_' + 'k'.repeat(43), secret }))
     console.log('about', secret)
   })`,
)

test('a secret is found wherever it comes out, and fails the run; what may be shown once is found the second time', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run'], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, CI: '', NO_COLOR: '1' },
  })
  const found = [...stderr.matchAll(/^(\w+): an? [\w ]+ in ".*?(\w|"key":") ?\[/gm)].map(([, channel, which]) => `${channel} ${which}`)
  const logged = ['stream 1', 'stream 2', 'stream 3', 'stream N', 'stream H', 'stream L', 'stream S', 'log 4']
  const sent = ['answer 5', 'answer 6', 'answer "key":"', 'socket 7', 'child 8', 'child 9', 'file 0']
  expect(found.toSorted()).toEqual([...logged, ...sent].toSorted())
  expect(stdout.trim().split('\n').slice(-1)).toEqual(['16 passed, 1 failed'])
  expect(status).toBe(1)
})

test('each key of the sandbox, and a ring key, is a secret by its form; what resembles them is none', () => {
  const { find } = createSecretSearch()
  for (const { key } of createSandbox().keys) expect(find(`key ${key}.`)).toHaveLength(1)
  expect(find(`k1:${Buffer.alloc(32, 7).toString('base64')}\n`)).toMatchObject([{ kind: 'a ring key', around: 'k1:[a ring key]\n' }])
  for (const other of [
    'sandbox-alice-2',
    `sha256-${Buffer.alloc(32).toString('base64')}`,
    Buffer.alloc(62).toString('base64'),
    'dbk_…',
    'a=b',
  ])
    expect(find(other)).toEqual([])
  expect(Object.keys(FORMS)).toHaveLength(5)
})
