import { Command as Program, Option } from 'commander'
import type { Command } from '../../kit/command.ts'

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const
/**
 * npm passes on a signal that a terminal or a group kill has delivered to us already: a second one this early is an echo, no impatience.
 * The process stays this long, too: an echo that met it while it leaves would turn its exit code 0 into a death by signal.
 */
const ECHO_MS = 500
/** Process managers kill after 10 s. What has not come to its end by then would lose its exit code, too. */
const GIVE_UP_MS = 9_500

/** The first signal asks to stop, the echo is swallowed, any later one ends the process as it would without us. */
function stopOnSignal(): AbortSignal {
  const stop = new AbortController()
  const onSignal = () => {
    if (stop.signal.aborted) return
    stop.abort()
    setTimeout(() => STOP_SIGNALS.forEach((signal) => process.off(signal, onSignal)), ECHO_MS)
    setTimeout(() => process.exit(), GIVE_UP_MS).unref()
  }
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
  return stop.signal
}

/** The command line: one subcommand per Command. SIGTERM and SIGINT ask the running one to stop; a second one ends the process. */
export function program(commands: readonly Command[], version: string): Program {
  const cli = new Program('dealbridge').description('An open, self-hosted Pipedrive connector').version(version).showHelpAfterError()
  const groups = new Map<string, Program>()
  const groupOf = (name: string): Program => {
    const group = groups.get(name) ?? cli.command(name).showHelpAfterError()
    groups.set(name, group)
    return group
  }
  for (const command of commands) {
    const [group, word] = command.name.split(' ')
    const sub = (word === undefined ? cli.command(group!) : groupOf(group!).command(word)).description(command.description)
    for (const argument of command.arguments ?? []) sub.argument(argument)
    for (const { flags, description, default: fallback, env } of command.options) {
      const option = new Option(flags, description)
      if (fallback !== undefined) option.default(fallback)
      if (env !== undefined) option.env(env)
      sub.addOption(option)
    }
    sub.action((...given: unknown[]) =>
      command.run(
        sub.opts<Record<string, string | undefined>>(),
        stopOnSignal(),
        given.slice(0, command.arguments?.length ?? 0) as string[],
      ),
    )
  }
  return cli
}
