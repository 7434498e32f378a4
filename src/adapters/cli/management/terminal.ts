import { addAbortSignal, type Readable, type Writable } from 'node:stream'

/** A Terminal is where a command reads answers from and prints to. */
export interface Terminal {
  stdin: Readable & { isTTY?: boolean; setRawMode?(on: boolean): unknown }
  /** Prints the result and nothing else: it may go into a pipe. */
  stdout: Writable
  /** Prints notes for people. */
  stderr: Writable
  env: NodeJS.ProcessEnv
}

export const systemTerminal = (): Terminal => process

const ESCAPE = '\x1b'
/** Ctrl-C and Ctrl-D: a terminal in raw mode sends no signal for them. */
const LEAVING = ['\x03', '\x04']
const BACKSPACES = ['\b', '\x7f']

/** Asks a question on a terminal. The answer shows only with `echo`: hidden input is in no scroll-back. */
export function ask({ stdin, stderr }: Terminal, question: string, { echo, stop }: { echo: boolean; stop: AbortSignal }): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed: string[] = []
    const end = (finish: () => void) => {
      stop.removeEventListener('abort', interrupt)
      stdin.off('data', onData).off('end', interrupt)
      stdin.setRawMode?.(false)
      stdin.pause()
      stderr.write('\n')
      finish()
    }
    const interrupt = () => end(() => reject(new Error('Interrupted: nothing was done.')))
    const onData = (chunk: string | Buffer) => {
      const text = String(chunk)
      // Arrow keys and other escape sequences.
      if (text.startsWith(ESCAPE)) return
      for (const character of text) {
        if (character === '\r' || character === '\n') return end(() => resolve(typed.join('')))
        if (LEAVING.includes(character)) return interrupt()
        const isBack = BACKSPACES.includes(character)
        if (echo) stderr.write(isBack ? (typed.length > 0 ? '\b \b' : '') : character)
        typed = isBack ? typed.slice(0, -1) : [...typed, character]
      }
    }
    if (stop.aborted) return reject(new Error('Interrupted: nothing was done.'))
    stop.addEventListener('abort', interrupt, { once: true })
    stdin.setRawMode?.(true)
    stdin.setEncoding('utf8')
    stdin.on('data', onData).once('end', interrupt).resume()
    stderr.write(question)
  })
}

/** All of standard input. The other end may never close it. */
export async function readPiped({ stdin }: Terminal, stop: AbortSignal): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of addAbortSignal(stop, stdin)) chunks.push(Buffer.from(chunk as string | Buffer))
  } catch (error) {
    throw stop.aborted ? new Error('Interrupted: nothing was done.', { cause: error }) : error
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Throws unless the user agrees, on the command line or on the terminal. */
export async function confirm(terminal: Terminal, what: string, yes: string | undefined, stop: AbortSignal): Promise<void> {
  if (yes !== undefined) return
  if (!terminal.stdin.isTTY) throw new Error(`${what} This is not a terminal, so it cannot ask: add --yes.`)
  const answer = await ask(terminal, `${what} Type yes to go on: `, { echo: true, stop })
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error('Nothing was done.')
}
