import { afterEach, expect, test } from 'vitest'
import type { Command } from '../../kit/command.ts'
import { program } from './program.ts'

/** A Run is the input of one call of a command. */
interface Run {
  name: string
  options: Record<string, string | undefined>
  args: readonly string[]
}

const runs: Run[] = []
const command = (name: string, more: Partial<Command> = {}): Command => ({
  name,
  description: `does ${name}`,
  prints: 'nothing',
  options: [],
  run: (options, _stop, args = []) => Promise.resolve(void runs.push({ name, options, args })),
  ...more,
})
const commands = [
  command('serve', { options: [{ flags: '--port <number>', description: 'port', default: '8080', env: 'TEST_PROGRAM_PORT' }] }),
  command('connections add', { arguments: ['<name>'], options: [{ flags: '--json', description: 'for machines' }] }),
  command('connections keys add', { arguments: ['<connection>', '[name]'] }),
  command('connections keys list'),
  command('audit'),
]
const signals = ['SIGTERM', 'SIGINT'] as const
afterEach(() => {
  runs.length = 0
  for (const signal of signals) process.removeAllListeners(signal)
  delete process.env['TEST_PROGRAM_PORT']
})
const run = async (...args: string[]) => {
  await program(commands, '1.2.3').parseAsync(args, { from: 'user' })
  return runs.at(-1)
}

test('a command has one, two or three words, and its arguments come in their order', async () => {
  expect(await run('audit')).toEqual({ name: 'audit', options: {}, args: [] })
  expect(await run('connections', 'add', 'Sales')).toEqual({ name: 'connections add', options: {}, args: ['Sales'] })
  expect(await run('connections', 'keys', 'add', 'Sales', 'flow')).toMatchObject({ name: 'connections keys add', args: ['Sales', 'flow'] })
  expect(await run('connections', 'keys', 'add', 'Sales')).toMatchObject({ args: ['Sales', undefined] })
})

test('a flag without a value reads "on" where it is given, and nothing where it is not', async () => {
  expect((await run('connections', 'add', 'Sales', '--json'))?.options).toEqual({ json: 'on' })
  expect((await run('connections', 'add', 'Sales'))?.options).toEqual({})
})

test('the command line goes before the environment, and that before the default', async () => {
  expect((await run('serve'))?.options).toEqual({ port: '8080' })
  process.env['TEST_PROGRAM_PORT'] = '81'
  expect((await run('serve'))?.options).toEqual({ port: '81' })
  expect((await run('serve', '--port', '82'))?.options).toEqual({ port: '82' })
})

test('the help of a command names the secrets that it reads from the environment', () => {
  const add = command('add', { variables: [{ env: 'TEST_TOKEN', description: 'a token' }] })
  let help = ''
  const sub = program([add], '1.2.3').commands[0]!.configureOutput({ writeOut: (text) => void (help += text) })
  sub.outputHelp()
  expect(help).toMatch(/\nEnvironment:\n {2}TEST_TOKEN {2}a token\n/)
})

test('the help of a group names what is in it', () => {
  const help = program(commands, '1.2.3').helpInformation()
  expect(help).toMatch(/connections +add, keys/)
  expect(help).toMatch(/audit +does audit/)
  const group = program(commands, '1.2.3').commands.find((sub) => sub.name() === 'connections')!
  expect(group.helpInformation()).toMatch(/keys +add, list/)
})

test('a signal asks the running command to stop', async () => {
  const stops: AbortSignal[] = []
  const waits = command('wait', { run: (_options, stop) => Promise.resolve(void stops.push(stop)) })
  await program([waits], '1.2.3').parseAsync(['wait'], { from: 'user' })
  expect(stops[0]?.aborted).toBe(false)
  process.emit('SIGTERM', 'SIGTERM')
  expect(stops[0]?.aborted).toBe(true)
})
