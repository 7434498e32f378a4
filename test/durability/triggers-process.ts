import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Commands, CommandReply } from './triggers-commands.ts'
import { FROM_SOURCES } from '../program.ts'

/** The orders of a child process as its test gives them. */
type CommandCalls<O extends Commands> = { [K in keyof O]: (...given: Parameters<O[K]>) => Promise<Awaited<ReturnType<O[K]>>> }

/** A Child is a process that does what the test orders, until it is killed. */
export interface Child<O extends Commands> {
  orders: CommandCalls<O>
  readonly alive: boolean
  /** The last of what it printed. */
  complaint(): string
  /** -9: nothing of it is finished. */
  kill(): Promise<void>
}

const LAST_LINES = 15

/** Runs a script of this folder as it stands. */
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
  const complaint = () => printed.join('\n')
  const ended = once(child, 'exit')
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  let lastId = 0
  let alive = true
  void ended.then(() => {
    alive = false
    for (const { reject } of waiting.values()) reject(new Error(`${script} is gone: ${complaint()}`))
  })

  const ready = new Promise<void>((resolve) => {
    child.on('message', (told: CommandReply) => {
      if ('ready' in told) return resolve()
      const asked = waiting.get(told.id)
      waiting.delete(told.id)
      if ('failed' in told) asked?.reject(new Error(`${script}: ${told.failed}`))
      else asked?.resolve(told.answer)
    })
  })
  await Promise.race([
    ready,
    ended.then(() => {
      throw new Error(`${script} did not start: ${complaint()}`)
    }),
  ])
  const order = (name: string, given: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (!alive) return reject(new Error(`${script} is gone: ${complaint()}`))
      const id = ++lastId
      waiting.set(id, { resolve, reject })
      child.send({ id, order: name, given })
    })
  return {
    orders: new Proxy({} as CommandCalls<O>, {
      get:
        (_, name) =>
        (...given: unknown[]) =>
          order(String(name), given),
    }),
    get alive() {
      return alive
    },
    complaint,
    async kill() {
      if (alive) child.kill('SIGKILL')
      await ended
    },
  }
}
