import type { Command, CommandOption } from '../../../kit/command.ts'
import { managementOptions, openManagement, TOKEN, type Management } from './management.ts'
import { systemTerminal, type Terminal } from './terminal.ts'

/** A CommandSession is one run of a command of the management API. */
export interface CommandSession {
  management: Management
  terminal: Terminal
  options: Record<string, string | undefined>
  args: readonly string[]
  stop: AbortSignal
  /** Prints the result: `text` for people, or `value` with --json. */
  print(value: unknown, text: string): void
  /** Prints a secret that is shown only once alone on standard output, so that it can be piped; its description goes to standard error. */
  printOnce(value: object, secret: string, what: string): void
}

export interface ManagementCommand extends Pick<Command, 'name' | 'description' | 'arguments' | 'prints' | 'failsWhen' | 'variables'> {
  options?: readonly CommandOption[]
  run(session: CommandSession): Promise<void>
}

/** For commands that remove something permanently. */
export const yesOption: CommandOption = { flags: '--yes', description: 'do not ask for confirmation' }

/** A Command that calls the management API of a running server. */
export const managementCommand = ({ options: own = [], variables = [], run, ...command }: ManagementCommand): Command => ({
  ...command,
  options: [...own, ...managementOptions],
  variables: [TOKEN, ...variables],
  run(options, stop, args = []) {
    const terminal = systemTerminal()
    const note = (text: string) => void terminal.stderr.write(`${text}\n`)
    const print = (value: unknown, text: string) =>
      void terminal.stdout.write(`${options['json'] === undefined ? text : JSON.stringify(value, null, 2)}\n`)
    const management = openManagement({ url: options['url'], data: options['data'], env: terminal.env, stop, note })
    return run({
      management,
      terminal,
      options,
      args,
      stop,
      print,
      printOnce(value, secret, what) {
        note(what)
        print(value, secret)
      },
    })
  },
})
