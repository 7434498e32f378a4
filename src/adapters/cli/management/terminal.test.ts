import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { readPipedriveKey } from './read-pipedrive-key.ts'
import { ask, confirm, type Terminal } from './terminal.ts'

const never = new AbortController().signal

/** A terminal whose input and output a test controls. */
function terminalOf({ isTTY = true, env = {} }: { isTTY?: boolean; env?: NodeJS.ProcessEnv } = {}) {
  const raw: boolean[] = []
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: (on: boolean) => raw.push(on) })
  const stderr = new PassThrough()
  const stdout = new PassThrough()
  const terminal: Terminal = { stdin, stdout, stderr, env }
  return { terminal, stdin, raw, shown: () => String(stderr.read() ?? '') }
}

test('what is typed blindly is not shown, and the terminal is as it was afterwards', async () => {
  const { terminal, stdin, raw, shown } = terminalOf()
  const answer = ask(terminal, 'Key: ', { echo: false, stop: never })
  stdin.write('topx')
  stdin.write('\x7fsecret\r')
  expect(await answer).toBe('topsecret')
  expect(shown()).toBe('Key: \n')
  expect(raw).toEqual([true, false])
})

test('what is typed openly is shown; arrow keys are no letters', async () => {
  const { terminal, stdin, shown } = terminalOf()
  const answer = ask(terminal, 'Sure? ', { echo: true, stop: never })
  stdin.write('y')
  stdin.write('\x1b[A')
  stdin.write('es\n')
  expect(await answer).toBe('yes')
  expect(shown()).toBe('Sure? yes\n')
})

test.each(['\x03', '\x04'])('Ctrl-C and Ctrl-D leave (%j)', async (key) => {
  const { terminal, stdin, raw } = terminalOf()
  const answer = ask(terminal, 'Key: ', { echo: false, stop: never })
  stdin.write(`half${key}`)
  await expect(answer).rejects.toThrow('Interrupted: nothing was done.')
  expect(raw).toEqual([true, false])
})

test('a signal and the end of the input leave as well', async () => {
  const stop = new AbortController()
  const first = terminalOf()
  const asked = ask(first.terminal, 'Key: ', { echo: false, stop: stop.signal })
  stop.abort()
  await expect(asked).rejects.toThrow('Interrupted')
  const second = terminalOf()
  const again = ask(second.terminal, 'Key: ', { echo: false, stop: never })
  second.stdin.end()
  await expect(again).rejects.toThrow('Interrupted')
})

test('a Pipedrive key comes from the environment, else from a terminal, else from a pipe', async () => {
  const env = { DEALBRIDGE_PIPEDRIVE_KEY: ' from-env\n' }
  expect((await readPipedriveKey(terminalOf({ env }).terminal, never)).reveal()).toBe('from-env')

  const typed = terminalOf()
  const key = readPipedriveKey(typed.terminal, never)
  typed.stdin.write('from-terminal\r')
  expect((await key).reveal()).toBe('from-terminal')
  expect(typed.shown()).not.toContain('from-terminal')

  const piped = terminalOf({ isTTY: false })
  piped.stdin.end('from-pipe\n')
  expect((await readPipedriveKey(piped.terminal, never)).reveal()).toBe('from-pipe')
})

test('a pipe that never ends is left when the program is to stop', async () => {
  const stop = new AbortController()
  const { terminal, stdin } = terminalOf({ isTTY: false })
  const key = readPipedriveKey(terminal, stop.signal)
  stdin.write('half')
  stop.abort()
  await expect(key).rejects.toThrow('Interrupted: nothing was done.')
})

test.each([
  ['\n', /^No Pipedrive key was given/],
  ['two words', /blanks or line breaks/],
])('what is no key is refused and not shown (%#)', async (text, message) => {
  const { terminal, stdin } = terminalOf({ isTTY: false })
  stdin.end(text)
  await expect(readPipedriveKey(terminal, never)).rejects.toThrow(message)
})

test('what ends something asks first, unless --yes was given', async () => {
  await confirm(terminalOf({ isTTY: false }).terminal, 'It ends.', 'on', never)
  await expect(confirm(terminalOf({ isTTY: false }).terminal, 'It ends.', undefined, never)).rejects.toThrow(
    'It ends. This is not a terminal, so it cannot ask: add --yes.',
  )
  for (const [typed, agreed] of [
    ['yes', true],
    ['Y', true],
    ['', false],
    ['no', false],
  ] as const) {
    const { terminal, stdin } = terminalOf()
    const answer = confirm(terminal, 'It ends.', undefined, never)
    stdin.write(`${typed}\r`)
    if (agreed) await answer
    else await expect(answer).rejects.toThrow('Nothing was done.')
  }
})
