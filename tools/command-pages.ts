import { secrets, settings } from '../src/config/options.ts'
import { storeVariables } from '../src/config/store-place.ts'
import { upstreamOption } from '../src/config/config.ts'
import { managementOptions, TOKEN } from '../src/adapters/cli/management/management.ts'
import { code, parts, table } from './reference/markdown.ts'
import type { Command, CommandOption, Variable } from '../src/kit/command.ts'

/** "The server is at …": a description as a sentence of a page. */
const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`
const flagOf = ({ flags }: CommandOption): string => /--[\w-]+/.exec(flags)![0]
const isConfigured = ({ options }: Command): boolean => options.some(({ env }) => env === settings.port.env)
const asksServer = ({ variables = [] }: Command): boolean => variables.includes(TOKEN)
/** `connections add` and its kind share a section. */
const groupOf = ({ name }: Command): string => name.split(' ')[0]!
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z -]/g, '')
    .replaceAll(' ', '-')
const unique = <T>(all: readonly T[]): T[] => [...new Set(all)]
const listed = (names: readonly string[]): string => unique(names).map(code).join(', ')
const valueOf = ({ default: fallback, absent }: CommandOption): string => (fallback === undefined ? (absent ?? '') : code(fallback))

const WRITTEN = '<!-- Written by npm run generate. Change the commands instead. -->'
const COMMON = 'Commands that ask a server'
const SECRETS = 'Secret environment variables'

/** One option, with every command that takes it with this meaning. */
interface Row {
  option: CommandOption
  commands: Command[]
}

function optionRows(commands: readonly Command[]): Row[] {
  const rows = new Map<string, Row>()
  for (const command of commands)
    for (const option of command.options.filter(({ env }) => env !== undefined)) {
      const key = `${flagOf(option)} ${option.description}`
      rows.set(key, { option: rows.get(key)?.option ?? option, commands: [...(rows.get(key)?.commands ?? []), command] })
    }
  return [...rows.values()]
}

/** The default of most commands, and of those that have another one. */
function defaultsOf({ option, commands }: Row): string {
  const others = commands.flatMap((command) => {
    const own = command.options.find((one) => flagOf(one) === flagOf(option))!
    return own.default === option.default ? [] : [`${code(command.name)}: ${valueOf(own)}`]
  })
  return [valueOf(option), ...others].join('; ')
}

function optionTable(commands: readonly Command[]): string {
  // `serve` first: its defaults are the rule, those of other commands the exception.
  const ordered = [...commands.filter(({ name }) => name === 'serve'), ...commands.filter(({ name }) => name !== 'serve')]
  return table(
    ['Option', 'Default', 'Commands', 'Environment variable', 'Meaning'],
    optionRows(ordered).map((row) => [
      code(row.option.flags),
      defaultsOf(row),
      listed(row.commands.map(groupOf)),
      code(row.option.env!),
      sentence(row.option.description),
    ]),
  )
}

function variableTable(commands: readonly Command[]): string {
  const rows: { variable: Variable; users: string }[] = [
    ...Object.values(secrets).map((variable) => ({ variable, users: listed(commands.filter(isConfigured).map(groupOf)) })),
    ...storeVariables.map((variable) => ({
      variable,
      users: listed(commands.filter(({ options }) => options.some(({ env }) => env === settings.store.env)).map(groupOf)),
    })),
    ...unique(commands.flatMap(({ variables = [] }) => variables)).map((variable) => {
      const users = commands.filter(({ variables }) => variables?.includes(variable))
      return { variable, users: listed(users.map(variable === TOKEN ? groupOf : ({ name }) => name)) }
    }),
  ]
  return table(
    ['Environment variable', 'Commands', 'Meaning'],
    rows.map(({ variable: { env, description }, users }) => [code(env), users, sentence(description)]),
  )
}

/** `docs/configuration.md`: every option that the environment can set, and every secret. */
export const configurationPage = (commands: readonly Command[]): string =>
  parts(
    '# Configuration',
    WRITTEN,
    'A value on the command line overrides the environment variable, which overrides the default. A server does not start with a ' +
      'configuration that has mistakes; it lists all of them, each with the option or variable and what that takes. `dealbridge doctor` takes the options of `dealbridge serve` ' +
      'and checks the whole installation. All commands with all their options are in [cli.md](cli.md).',
    '## Options',
    optionTable(commands),
    `## ${SECRETS}`,
    'Secrets are never options: other users of the machine can read command lines, and shells keep them in their history.',
    variableTable(commands),
  )

const ownOptions = (options: readonly CommandOption[]): string | undefined =>
  options.length === 0
    ? undefined
    : table(
        ['Option', 'Default', 'Environment variable', 'Meaning'],
        options.map((option) => [code(option.flags), valueOf(option), option.env ? code(option.env) : '', sentence(option.description)]),
      )

function section(command: Command): string {
  const { name, description, arguments: args = [], options, prints, failsWhen, variables = [] } = command
  const isServer = isConfigured(command)
  const known = new Set<string | undefined>(
    isServer
      ? [upstreamOption, ...Object.values(settings)].map(({ env }) => env)
      : asksServer(command)
        ? managementOptions.map(flagOf)
        : [],
  )
  const own = options.filter((option) => !known.has(isServer ? option.env : flagOf(option)))
  const upstream = options.some(({ env }) => env === upstreamOption.env) ? '' : `, without ${code(flagOf(upstreamOption))}`
  const secretNames = variables.filter((variable) => variable !== TOKEN).map(({ env }) => env)
  return parts(
    `### ${name}`,
    sentence(description),
    `\`\`\`\ndealbridge ${[name, ...args].join(' ')}${options.length > 0 ? ' [options]' : ''}\n\`\`\``,
    ownOptions(own),
    isServer ? `It takes the [options of the connector](configuration.md#options)${upstream}${own.length > 0 ? ', too' : ''}.` : undefined,
    asksServer(command)
      ? `It takes the [options of commands that ask a server](#${anchorOf(COMMON)})${own.length > 0 ? ', too' : ''}.`
      : undefined,
    secretNames.length > 0 ? `Secret from the environment, a prompt or standard input: ${listed(secretNames)}.` : undefined,
    `Prints ${prints}.${failsWhen === undefined ? '' : ` Exit code 1 also if ${failsWhen}.`}`,
  )
}

/** `docs/cli.md`: every command with its arguments and options, what it prints, and how it ends. */
export function cliPage(commands: readonly Command[]): string {
  const groups = unique(commands.map(groupOf))
  return parts(
    '# Command line',
    WRITTEN,
    'From the package: `npx dealbridge <command>`. From a clone: `npm run -s dealbridge -- <command>`. `--help` after any command shows its arguments and options; ' +
      '`--version` alone shows the version. A connection, key or owner is named by its id or by its name, a subscription by its id.',
    table(
      ['Command', ''],
      commands.map(({ name, arguments: args = [], description }) => [
        `[${code([name, ...args].join(' '))}](#${anchorOf(name)})`,
        sentence(description),
      ]),
    ),
    '## Exit codes',
    table(
      ['Code', 'Meaning'],
      [
        ['0', 'The command did its work. For commands that run until they are stopped: SIGINT or SIGTERM ended them.'],
        ['1', 'The command failed, or its options or arguments are wrong. Standard error says why and what to do.'],
        ['128 + signal', 'A second SIGINT or SIGTERM ended the command before everything was closed.'],
      ],
    ),
    'Results go to standard output, everything else to standard error.',
    `## ${COMMON}`,
    `${listed(commands.filter(asksServer).map(groupOf))} ask a running server, as the owner whose token is in ${code(TOKEN.env)} or, without it, as the admin. With \`--json\` ` +
      'they print JSON. Commands that remove something ask for confirmation; without a terminal they need `--yes`.',
    ownOptions(managementOptions),
    ...groups.map((group) => {
      const members = commands.filter((command) => groupOf(command) === group)
      // A group of one command gets no heading.
      return members.length === 1 && members[0]!.name === group
        ? section(members[0]!).replace(/^###/, '##')
        : parts(`## ${group}`, ...members.map(section))
    }),
  )
}
