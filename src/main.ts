#!/usr/bin/env node
import { program } from './faces/cli/program.ts'
import { version } from './kit/version.ts'
import { sandboxCommand } from './sandbox/command.ts'

try {
  // The sandbox starts without the connector, which takes longer to load than all the rest of that start.
  const commands = process.argv[2] === sandboxCommand.name ? [sandboxCommand] : (await import('./app.ts')).commands
  await program(commands, version).parseAsync()
} catch (error) {
  console.error(`dealbridge: ${(error as Error).message}`)
  process.exitCode = 1
}
