import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { template } from './exports.fixture.ts'

test('the migration and its JSON parser are loaded when the command runs, and not before', () => {
  const dir = mkdtempSync(join(tmpdir(), 'dealbridge-load-'))
  try {
    writeFileSync(join(dir, 'app.json'), template())
    const program = `
      import { registerHooks } from 'node:module'
      const loaded = []
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
      const heavy = () => loaded.filter((url) => /jsonc-parser|fflate|run-migration|catalog/.test(url)).length
      const { migrateCommand } = await import(${JSON.stringify(join(import.meta.dirname, 'migrate-command.ts'))})
      console.log(heavy())
      await migrateCommand.run({ to: 'dealbridge', dryRun: 'on' }, new AbortController().signal, [${JSON.stringify(join(dir, 'app.json'))}])
      console.log(heavy() > 10)`
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }).trim().split('\n')
    expect([said[0], said.at(-1)]).toEqual(['0', 'true'])
  } finally {
    rmSync(dir, { recursive: true })
  }
})
