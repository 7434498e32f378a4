#!/usr/bin/env node
import { managementCommands } from './adapters/cli/management/management-commands.ts'
import { program } from './adapters/cli/program.ts'
import { version } from './kit/version.ts'
import { sandboxCommand } from '@dealbridge/sandbox/command'

/** What starts without the connector, which takes longer to load than all the rest of such a start. */
const light = [sandboxCommand, ...managementCommands]

try {
  const isLight = light.some(({ name }) => name.split(' ')[0] === process.argv[2])
  const commands = isLight ? light : (await import('./app.ts')).commands
  await program(commands, version).parseAsync()
} catch (error) {
  console.error(`dealbridge: ${(error as Error).message}`)
  process.exitCode = 1
}
