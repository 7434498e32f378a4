import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connectionsFile, flowPackageFiles, OURS, standardWorkflow, template, zipOf } from './exports.fixture.ts'
import { migrateCommand } from './migrate-command.ts'
import { readZip } from './zip-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'dealbridge-migrate-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true })
  process.exitCode = undefined
})

/** What the command prints. */
async function run(file: string, options: Record<string, string>): Promise<string> {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    await migrateCommand.run(options, new AbortController().signal, [join(dir, file)])
    return written.mock.calls.map(([chunk]) => String(chunk)).join('')
  } finally {
    written.mockRestore()
  }
}
const give = (name: string, content: string | Uint8Array) => writeFileSync(join(dir, name), content)

test('the new file stands beside the old one, which stays as it is', async () => {
  const bytes = zipOf(flowPackageFiles())
  give('flow.zip', bytes)
  const said = await run('flow.zip', { to: OURS })
  expect(said).toContain(`This is a flow package. 4 steps go over to ${OURS}.`)
  expect(said).toContain('  Scope › Condition › Add_activity  (AddActivity)\n')
  expect(said).toContain(`Written to ${join(dir, 'flow-dealbridge.zip')}`)
  expect(readFileSync(join(dir, 'flow.zip'))).toEqual(Buffer.from(bytes))
  expect(readdirSync(dir).toSorted()).toEqual(['flow-dealbridge.zip', 'flow.zip'])
  expect(process.exitCode).toBeUndefined()
})

test('nothing is overwritten', async () => {
  give('flow.zip', zipOf(flowPackageFiles()))
  await expect(run('flow.zip', { to: OURS, out: join(dir, 'flow.zip') })).rejects.toThrow('a migration overwrites nothing')
})

test('a dry run says the same and writes nothing', async () => {
  give('app.json', template())
  const said = await run('app.json', { to: 'dealbridge', dryRun: 'on' })
  expect(said).toContain('4 steps go over to dealbridge')
  expect(said).toContain('Nothing was written.')
  expect(readdirSync(dir)).toEqual(['app.json'])
})

test('JSON says all of it to programs', async () => {
  give('app.json', template())
  const out = join(dir, 'new.json')
  const said = JSON.parse(await run('app.json', { to: 'dealbridge', json: 'on', out })) as { exchanged: object[]; changed: object[] }
  expect(said).toMatchObject({ input: 'app.json', output: out, kind: 'Logic App', kept: [] })
  expect(said.changed[0]).toEqual({ file: 'app.json', step: 'When_a_new_deal_is_added_(V2)', operation: 'TrigNewDealV2' })
  expect(said.exchanged).toContainEqual({ file: 'app.json', before: 'pipedrive', after: 'dealbridge' })
})

test('steps that stay are reported, and the exit code signals them to scripts', async () => {
  give('app.json', template().replace('/v1/activities', '/v1/notes'))
  const said = await run('app.json', { to: 'dealbridge' })
  expect(said).toContain('Dealbridge has no operation POST /v1/notes.')
  expect(said).toContain('Nothing was written.')
  expect(process.exitCode).toBe(1)
})

test('the workflows beside a connections.json are read', async () => {
  give('connections.json', connectionsFile())
  mkdirSync(join(dir, 'new-deals'))
  mkdirSync(join(dir, 'empty'))
  give('new-deals/workflow.json', standardWorkflow())
  expect(await run('connections.json', { to: 'dealbridge' })).toContain('Changed in new-deals/workflow.json')
})

test.each<[string, Record<string, string>, string]>([
  ['flow.zip', {}, '--to is missing'],
  ['missing.zip', { to: OURS }, 'There is no file'],
  ['.', { to: OURS }, 'is a folder. Give the exported zip'],
])('%s with %o is a mistake that is explained', (file, options, message) => expect(run(file, options)).rejects.toThrow(message))

test('what is wrong with a file says which file, what to do, and leaves nothing', async () => {
  const zip = Buffer.from(zipOf(flowPackageFiles()))
  const encrypted = Buffer.from(zip)
  encrypted.writeUInt16LE(encrypted.readUInt16LE(6) | 1, 6)
  encrypted.writeUInt16LE(1, encrypted.indexOf('PK\x01\x02') + 8)
  const flow = { 'manifest.json': '{}', 'Microsoft.Flow/flows/x/definition.json': '{}' }
  const bomb = Buffer.from(
    zipOf({ ...flow, ...Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`Microsoft.Flow/${at}.json`, '{}'])) }),
  )
  for (const { name, directoryAt } of readZip(bomb).entries) if (name.length < 22) bomb.writeUInt32LE(31 * 1024 * 1024, directoryAt + 24)
  const files: Record<string, [content: string | Uint8Array, message: RegExp]> = {
    'cut.zip': [zip.subarray(0, 900), /broken.*Export it again/],
    'locked.zip': [encrypted, /encrypted\. Unpack it with its password/],
    'out.zip': [zipOf({ ...flow, 'Microsoft.Flow/../../x.json': '{}' }), /leads out of the folder.*export it again/],
    'twice.zip': [zipOf({ ...flow, 'MANIFEST.json': '{}' }), /is in it twice\. Export it again/],
    'keys.zip': [zipOf({ ...flow, 'Microsoft.Flow/flows/x/definition.json': '{"a":1,"a":2}' }), /has the key "a" twice.*Remove one/],
    'bomb.zip': [bomb, /bytes when unpacked.*Export the flows one by one/],
    'other.txt': ['hello', /neither a zip nor JSON\. What can be migrated is/],
    'keys.json': ['{"definition":{},"definition":{}}', /has the key "definition" twice.*Remove one/],
  }
  for (const [name, [content, message]] of Object.entries(files)) {
    give(name, content)
    const error = (await run(name, { to: OURS }).catch((reason: unknown) => reason)) as Error
    expect(error.message).toContain(name)
    expect(error.message).toMatch(message)
  }
  expect(readdirSync(dir).toSorted()).toEqual(Object.keys(files).toSorted())
})

test('a file that cannot be written to its end is not left half', () => {
  give('app.json', template())
  // No file may grow beyond one block of the shell, as on a full disk. Only the command runs, since the whole program takes longer to load.
  const command = JSON.stringify(join(import.meta.dirname, 'migrate-command.ts'))
  const program = `import { migrateCommand } from ${command}
    await migrateCommand.run({ to: 'dealbridge' }, new AbortController().signal, [${JSON.stringify(join(dir, 'app.json'))}])`
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 1 && exec "$@"', 'sh', process.execPath, '--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  )
  expect(stderr).toContain(`${join(dir, 'app-dealbridge.json')} cannot be written: `)
  expect(stderr).toContain('Nothing is left of it.')
  expect([status, readdirSync(dir)]).toEqual([1, ['app.json']])
})
