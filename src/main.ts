#!/usr/bin/env node
import { commands } from './app.ts'
import { program } from './faces/cli/program.ts'
import { version } from './kit/version.ts'

try {
  await program(commands, version).parseAsync()
} catch (error) {
  console.error(`dealbridge: ${(error as Error).message}`)
  process.exitCode = 1
}
