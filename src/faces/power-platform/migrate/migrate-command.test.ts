import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connectionsFile, flowPackageFiles, OURS, standardWorkflow, template, zipOf } from './exports.fixture.ts'
import { migrateCommand } from './migrate-command.ts'

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

test('steps that stay are told, and scripts notice by the exit code', async () => {
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
