import { Command as Program, Option } from 'commander'
import type { Command } from '../../kit/command.ts'

/** The command line: one subcommand per Command. SIGTERM and SIGINT ask the running one to stop; a second one ends the process. */
export function program(commands: readonly Command[], version: string): Program {
  const cli = new Program('dealbridge').description('An open, self-hosted Pipedrive connector').version(version).showHelpAfterError()
  for (const command of commands) {
    const sub = cli.command(command.name).description(command.description)
    for (const { flags, description, default: fallback, env } of command.options) {
      const option = new Option(flags, description)
      if (fallback !== undefined) option.default(fallback)
      if (env !== undefined) option.env(env)
      sub.addOption(option)
    }
    sub.action(async (options: Record<string, string | undefined>) => {
      const stop = new AbortController()
      const onSignal = () => stop.abort()
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, onSignal)
      await command.run(options, stop.signal)
    })
  }
  return cli
}
