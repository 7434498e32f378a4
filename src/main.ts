#!/usr/bin/env node
import { managementCommands } from './adapters/cli/management/management-commands.ts'
import { program } from './adapters/cli/program.ts'
import { version } from './kit/version.ts'
import { sandboxCommand } from '@dealbridge/sandbox/command'

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
