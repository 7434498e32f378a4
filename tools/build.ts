import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

// Node strips no types below node_modules, so what is published is JavaScript with declarations beside it.
const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

rmSync(dist, { recursive: true, force: true })
const tsc = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (tsc.status !== 0) process.exit(tsc.status ?? 1)

const main = join(dist, 'main.js')
if (!readFileSync(main, 'utf8').startsWith('#!/usr/bin/env node\n'))
  throw new Error('src/main.ts must start with #!/usr/bin/env node: npx runs it.')
chmodSync(main, 0o755)
