/**
 * What a store costs at the start: from the command to the first answer of `serve` without a store, with a new embedded one, and with one that is
 * there already; and of `start`, whose store lies in memory. With the memory that each process takes then. Options are the defaults, but for
 * ports. Medians of alternating rounds; quote the ratios, single times depend on the machine.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './measure.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const LOOK_EVERY_MS = 2
const MAIN = new URL('../src/main.ts', import.meta.url).pathname

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}

/** Resident memory in MiB, as Linux counts it. */
const rssMb = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024

interface Started {
  ms: number
  mb: number
}

async function start(command: string, data: string, ...options: string[]): Promise<Started> {
  const port = await freePort()
  const ports = ['--port', port, ...(command === 'start' ? ['--sandbox-port', await freePort()] : [])]
  const begun = performance.now()
  const child = spawn(process.execPath, ['--conditions=dealbridge-source', MAIN, command, ...ports, '--data', data, ...options], {
    stdio: 'ignore',
  })
  try {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
      if (answer?.ok) return { ms: performance.now() - begun, mb: rssMb(child.pid!) }
      if (child.exitCode !== null) throw new Error(`${command} ${options.join(' ')} has ended`)
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  } finally {
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }
}

const folders: string[] = []
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'dealbridge-bench-'))
  folders.push(folder)
  return folder
}
const used = newFolder()
await start('serve', used, '--store', 'embedded')

const contenders: Record<string, { of?: string; run: () => Promise<Started> }> = {
  'serve --store none': { run: () => start('serve', newFolder(), '--store', 'none') },
  'serve, embedded, first start': { of: 'serve --store none', run: () => start('serve', newFolder(), '--store', 'embedded') },
  'serve, embedded': { of: 'serve --store none', run: () => start('serve', used, '--store', 'embedded') },
  'start --store none': { run: () => start('start', newFolder(), '--store', 'none') },
  'start (in memory)': { of: 'start --store none', run: () => start('start', newFolder()) },
}
const figures = new Map<string, Started[]>(Object.keys(contenders).map((name) => [name, []]))
for (let round = 0; round < ROUNDS; round++) for (const [name, { run }] of Object.entries(contenders)) figures.get(name)!.push(await run())

const ratio = (name: string, of: string | undefined, figure: keyof Started): string =>
  of === undefined ? '' : median(figures.get(name)!.map((one, at) => one[figure] / figures.get(of)![at]![figure])).toFixed(2)
console.log(`\nStart to first answer, and memory then: medians of ${ROUNDS} rounds`)
console.table(
  Object.fromEntries(
    Object.entries(contenders).map(([name, { of }]) => [
      name,
      {
        ms: median(figures.get(name)!.map(({ ms }) => ms)).toFixed(0),
        'ratio of ms': ratio(name, of, 'ms'),
        MiB: median(figures.get(name)!.map(({ mb }) => mb)).toFixed(0),
        'ratio of MiB': ratio(name, of, 'mb'),
      },
    ]),
  ),
)
for (const folder of folders) rmSync(folder, { recursive: true, force: true })
