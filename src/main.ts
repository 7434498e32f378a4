#!/usr/bin/env node
import { refuseOldNode } from './kit/node-version.ts'
import { engines, version } from './kit/version.ts'

refuseOldNode('dealbridge', engines)

// Imported after the check: an older Node fails on the imports themselves, with a message that does not help.
const [{ managementCommands }, { program }, { sandboxCommand }] = await Promise.all([
  import('./adapters/cli/management/management-commands.ts'),
  import('./adapters/cli/program.ts'),
  import('@dealbridge/sandbox/command'),
])

/** Commands that start without loading the connector, which takes most of the start time. */
const lightCommands = [sandboxCommand, ...managementCommands]

try {
  const isLight = lightCommands.some(({ name }) => name.split(' ')[0] === process.argv[2])
  const commands = isLight ? lightCommands : (await import('./app.ts')).commands
  await program(commands, version).parseAsync()
} catch (error) {
  console.error(`dealbridge: ${(error as Error).message}`)
  process.exitCode = 1
}
