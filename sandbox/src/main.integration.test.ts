import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { eventually } from './eventually.fixture.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** A StartedCommand is a process of the command line and its output so far. */
interface StartedCommand {
  process: ChildProcess
  output: { stdout: string; stderr: string }
  ended: Promise<unknown[]>
}

const started = new Set<ChildProcess>()
afterEach(() => {
  for (const process of started) process.kill('SIGKILL')
  started.clear()
})

function start(...options: string[]): StartedCommand {
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  started.add(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  return { process: child, output, ended: once(child, 'close') }
}

async function run(...options: string[]) {
  const { output, ended } = start(...options)
  const [code] = await ended
  return { code, ...output }
}

/** Starts the sandbox on a free port and returns the URL that it prints. */
async function listening(...options: string[]) {
  const command = start('--port', '0', ...options)
  const { output } = command
  const url = await eventually(
    () => {
      const [printed] = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout) ?? []
      expect(printed, output.stderr).toBeDefined()
      return printed!
    },
    () => output,
  )
  return { ...command, url }
}

test('--help prints all options and exits with 0', async () => {
  const { code, stdout, stderr } = await run('--help')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('Usage: dealbridge-sandbox [options]')
  for (const option of ['--port', '--allow-host', '--data', '--seed', '--generate', '--limits', '--strict-urls', '--version', '--help'])
    expect(stdout).toMatch(new RegExp(`^  ${option}\\b`, 'm'))
})

test('--version prints the version of the package', async () => {
  expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test.each([
  [['--prot', '1'], "Unknown option '--prot'\nRun dealbridge-sandbox --help to list the options."],
  [['sandbox'], "Unexpected argument 'sandbox'"],
  [['--port'], "Option '--port <value>' argument missing"],
  [['--port', 'x'], '--port must be a number from 0 to 65535, not x'],
  [['--limits', 'maybe'], '--limits must be on or off, not maybe'],
  [['--generate', '0'], '--generate must be a number from 1 to 1000000, not 0'],
  [['--seed', '/nowhere/seed.yaml'], '/nowhere/seed.yaml is not a valid seed'],
])('%j is refused with a message and exit 1', async (options, message) => {
  const { code, stdout, stderr } = await run(...options)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain(`dealbridge-sandbox: ${message}`)
  expect(stderr).not.toContain('    at ')
})

test.each(['SIGTERM', 'SIGINT'] as const)('%s stops a sandbox that answers, with exit 0', async (signal) => {
  const { process: child, output, ended, url } = await listening('--limits', 'on')
  const answer = await fetch(`${url}/api/v2/deals/1`, { headers: { 'x-api-token': 'sandbox-alice' } })
  expect(await answer.json()).toMatchObject({ success: true, data: { id: 1 } })
  const behaviour = await (await fetch(`${url}/_sandbox/behaviour`)).json()
  expect(behaviour).toMatchObject({ limits: 'on', strictUrls: 'off' })
  child.kill(signal)
  expect(await ended).toEqual([0, null])
  expect(output.stdout).toContain('sandbox-alice')
  expect(output.stderr).toBe('')
})

test('--strict-urls takes no value and turns the check of webhook URLs on', async () => {
  const { process: child, ended, url } = await listening('--strict-urls')
  expect(await (await fetch(`${url}/_sandbox/behaviour`)).json()).toMatchObject({ strictUrls: 'on', limits: 'off' })
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})
