import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { CommandReply, Commands } from './triggers-commands.ts'
import { FROM_SOURCES } from '../program.ts'

/** The commands of a child process as its test calls them. */
type CommandCalls<O extends Commands> = { [K in keyof O]: (...args: Parameters<O[K]>) => Promise<Awaited<ReturnType<O[K]>>> }

/** A Child is a process that runs the commands of a test until it is killed. */
export interface Child<O extends Commands> {
  commands: CommandCalls<O>
  readonly alive: boolean
  /** The last lines that it printed. */
  output(): string
  /** SIGKILL: the process finishes nothing. */
  kill(): Promise<void>
}

const LAST_LINES = 15

/** Starts a script of this folder. */
export async function startChild<O extends Commands>(script: string, ...args: string[]): Promise<Child<O>> {
  const child = fork(join(import.meta.dirname, script), args, {
    execArgv: FROM_SOURCES,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, DATABASE_URL: '' },
  })
  const printed: string[] = []
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed.push(...text.split('\n').filter(Boolean))
      printed.splice(0, printed.length - LAST_LINES)
    })
  const output = () => printed.join('\n')
  const ended = once(child, 'exit')
  const pending = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  let lastId = 0
  let alive = true
  void ended.then(() => {
    alive = false
    for (const { reject } of pending.values()) reject(new Error(`${script} has exited: ${output()}`))
  })

  const ready = new Promise<void>((resolve) => {
    child.on('message', (reply: CommandReply) => {
      if ('ready' in reply) return resolve()
      const caller = pending.get(reply.id)
      pending.delete(reply.id)
      if ('failed' in reply) caller?.reject(new Error(`${script}: ${reply.failed}`))
      else caller?.resolve(reply.result)
    })
  })
  await Promise.race([
    ready,
    ended.then(() => {
      throw new Error(`${script} did not start: ${output()}`)
    }),
  ])
  const call = (command: string, args: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (!alive) return reject(new Error(`${script} has exited: ${output()}`))
      const id = ++lastId
      pending.set(id, { resolve, reject })
      child.send({ id, command, args })
    })
  return {
    commands: new Proxy({} as CommandCalls<O>, {
      get:
        (_, name) =>
        (...args: unknown[]) =>
          call(String(name), args),
    }),
    get alive() {
      return alive
    },
    output,
    async kill() {
      if (alive) child.kill('SIGKILL')
      await ended
    },
  }
}
