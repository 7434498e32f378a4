import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** Node strips no types below node_modules, so what is published is JavaScript with declarations beside it. */
function build(folder: string): void {
  const dist = join(folder, 'dist')
  rmSync(dist, { recursive: true, force: true })
  const tsc = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(folder, 'tsconfig.build.json')], {
    cwd: folder,
    stdio: 'inherit',
  })
  if (tsc.status !== 0) process.exit(tsc.status ?? 1)
  const main = join(dist, 'main.js')
  if (!readFileSync(main, 'utf8').startsWith('#!/usr/bin/env node\n'))
    throw new Error(`${folder}/src/main.ts must start with #!/usr/bin/env node: npx runs it.`)
  chmodSync(main, 0o755)
}

// The connector is checked against the declarations of the sandbox, as its users have them.
build(join(root, 'sandbox'))
if (process.argv[2] !== 'sandbox') build(root)
