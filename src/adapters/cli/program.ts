import { Command as Program, Option } from 'commander'
import { columns } from '../../kit/columns.ts'
import type { Command } from '../../kit/command.ts'

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const
/**
 * npm passes on a signal that a terminal or a group kill has already delivered to us: a second one this early is an echo, not a second request.
 * The process also stays this long: an echo that arrived while it exits would turn its exit code 0 into a death by signal.
 */
const ECHO_MS = 500
/** Process managers kill after 10 s. A process that has not ended by then would lose its exit code too. */
const GIVE_UP_MS = 9_500

/** The first signal asks to stop, the echo is ignored, any later one ends the process as the default action would. */
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
  /** The group with that path below `cli`, with its parent groups; created when first named. */
  const groupOf = (path: readonly string[]): Program => {
    const name = path.join(' ')
    const known = path.length === 0 ? cli : groups.get(name)
    if (known) return known
    const group = groupOf(path.slice(0, -1)).command(path.at(-1)!).showHelpAfterError()
    groups.set(name, group)
    return group
  }
  for (const command of commands) {
    const path = command.name.split(' ')
    const sub = groupOf(path.slice(0, -1)).command(path.at(-1)!).description(command.description)
    for (const argument of command.arguments ?? []) sub.argument(argument)
    for (const { flags, description, default: fallback, env } of command.options) {
      const option = new Option(flags, description)
      if (fallback !== undefined) option.default(fallback)
      if (env !== undefined) option.env(env)
      sub.addOption(option)
    }
    const variables = (command.variables ?? []).map(({ env, description }) => [`  ${env}`, description])
    if (variables.length > 0) sub.addHelpText('after', `\nEnvironment:\n${columns(variables).join('\n')}`)
    sub.action((...given: unknown[]) =>
      command.run(withWords(sub.opts()), stopOnSignal(), given.slice(0, command.arguments?.length ?? 0) as string[]),
    )
  }
  for (const group of groups.values()) group.description(group.commands.map((sub) => sub.name()).join(', '))
  return cli
}

/** A flag without a value is `true` in commander; commands read only texts. */
const withWords = (options: Record<string, string | true | undefined>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name, value === true ? 'on' : value]))
