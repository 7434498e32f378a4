import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROGRAM, root } from './program.ts'

/** A StartedPair is a connector in front of a sandbox, started from the command line. */
export interface StartedPair {
  child: ChildProcess
  url: string
  sandboxUrl: string
  /** What it printed until it was ready. */
  printed: string
  /** The exit code or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
}

/** Runs `command` with free ports. Its process group is its own, so that a test can stop the whole of it; `cleanUp` leaves nothing running. */
export async function startPair(command: string, ...args: string[]): Promise<StartedPair & { cleanUp(): void }> {
  const data = mkdtempSync(join(tmpdir(), 'dealbridge-data-'))
  const child = spawn(command, [...args, '--port', '0', '--sandbox-port', '0', '--data', data, '--log-level', 'error'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  const cleanUp = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // Nothing of the group is left.
    }
    rmSync(data, { recursive: true, force: true })
  }

  let printed = ''
  let complaint = ''
  child.stderr.on('data', (chunk) => (complaint += String(chunk)))
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      printed += String(chunk)
      if (printed.split('curl ').length > 3 && printed.endsWith('\n')) resolve()
    })
  })
  const tooEarly = ended.then((code) => {
    throw new Error(`${command} ended with ${code} before it was ready: ${complaint}`)
  })
  try {
    await Promise.race([ready, tooEarly])
  } catch (error) {
    cleanUp()
    throw error
  }
  tooEarly.catch(() => undefined)
  const [url, sandboxUrl] = [/connector\s+(http:\S+)/, /sandbox\s+(http:\S+)/].map((pattern) => pattern.exec(printed)?.[1] ?? '')
  return { child, url: url!, sandboxUrl: sandboxUrl!, printed, ended, cleanUp }
}

/** The connector as the package runs it, without npm in between. */
export const startPairDirectly = () => startPair(process.execPath, ...PROGRAM, 'start')
