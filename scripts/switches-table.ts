import { readFileSync } from 'node:fs'
import { switches } from '../src/sandbox/behaviour.ts'

const BEGIN = '<!-- switches: written by npm run generate -->'
const END = '<!-- /switches -->'

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const table = (): string =>
  [
    '| Switch | Default | Alternatives | What is unknown |',
    '| --- | --- | --- | --- |',
    ...Object.entries(switches).map(
      ([name, { default: assumed, alternatives, unknown }]) =>
        `| \`${name}\` | ${code(assumed)} | ${alternatives.map(code).join(', ')} | ${cell(unknown)} |`,
    ),
  ].join('\n')

/** The text of a page with the table of all switches between its marks. */
export function withSwitches(path: string): string {
  const text = readFileSync(path, 'utf8')
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${path} has no place for the switches: ${BEGIN} … ${END}`)
  return `${text.slice(0, begin + BEGIN.length)}\n\n${table()}\n\n${text.slice(end)}`
}
