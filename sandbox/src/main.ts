#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { sandboxCommand } from './command.ts'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** The options, prepared for parseArgs and the help text. */
const flags = sandboxCommand.options.map((option) => {
  const [, name, value] = /^--([\w-]+)(?: (.+))?$/.exec(option.flags)!
  return { ...option, name: name!, takesValue: value !== undefined }
})

const help = `Usage: dealbridge-sandbox [options]

${sandboxCommand.description}

${flags.map(({ flags, description, default: value }) => `  ${flags.padEnd(22)} ${description}${value === undefined ? '' : ` (default: ${value})`}`).join('\n')}
  --version              print the version
  --help                 print this text`

const camelCase = (name: string): string => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** For a wrong option, only the first sentence of Node's message: the rest is about positional arguments, which this command does not have. */
const describe = ({ code, message }: NodeJS.ErrnoException): string =>
  code?.startsWith('ERR_PARSE_ARGS') ? `${message.split('. ')[0]}\nRun dealbridge-sandbox --help to list the options.` : message

try {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      version: { type: 'boolean' },
      ...Object.fromEntries(flags.map(({ name, takesValue }) => [name, { type: takesValue ? ('string' as const) : ('boolean' as const) }])),
    },
  })
  if (values.help) process.stdout.write(`${help}\n`)
  else if (values.version) process.stdout.write(`${manifest.version}\n`)
  else {
    const stop = new AbortController()
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
    const entries = Object.entries(values as Record<string, string | boolean>)
    const options = Object.fromEntries(entries.map(([name, value]) => [camelCase(name), value === true ? 'on' : String(value)]))
    const defaults = Object.fromEntries(
      flags.flatMap(({ name, default: value }) => (value === undefined ? [] : [[camelCase(name), value]])),
    )
    await sandboxCommand.run({ ...defaults, ...options }, stop.signal)
  }
} catch (error) {
  process.stderr.write(`dealbridge-sandbox: ${describe(error as NodeJS.ErrnoException)}\n`)
  process.exitCode = 1
}
