import { baseOf } from '../management/management.ts'
import { readSecret, type SecretSource } from '../management/read-secret.ts'
import { plain } from '../management/table.ts'
import { systemTerminal } from '../management/terminal.ts'
import type { Command } from '../../../kit/command.ts'
import { isLoopback } from '../../../kit/is-loopback.ts'
import { listen, type ForwardedDelivery } from './listen.ts'

const KEY: SecretSource = {
  env: 'DEALBRIDGE_KEY',
  description: 'key of a connection, or of Pipedrive. Without it the command asks, or reads standard input',
  question: 'Key of a connection, or of Pipedrive (it is not shown): ',
  what: 'key',
}

const line = ({ delivery, test, outcome: { status, reason, ms } }: ForwardedDelivery, at: Date): string =>
  `${at.toISOString().slice(11, 19)}  ${delivery}  ${status ?? plain(reason ?? 'no answer')}  ${ms} ms${test ? '  (test)' : ''}`

export const listenCommand: Command = {
  name: 'listen',
  description: 'forward the events of an instant trigger to a program on this machine, until Ctrl-C',
  prints: 'one line for each event: time, delivery, answer of the program',
  variables: [KEY],
  arguments: ['<trigger>'],
  options: [
    { flags: '--forward-to <url>', description: 'URL that receives each event, such as http://localhost:3000/hook (required)' },
    { flags: '--url <url>', description: 'URL of the server', default: 'http://127.0.0.1:8080', env: 'DEALBRIDGE_URL' },
    { flags: '--filters <list>', description: 'only events that match: pipeline_id=1,stage_id=2' },
    {
      flags: '--format <name>',
      description: 'format of the events: record, standard-webhooks, cloudevents or connector',
      default: 'record',
    },
    { flags: '--json', description: 'print one line of JSON for each event' },
  ],
  async run({ forwardTo, url, filters, format, json }, stop, [trigger = ''] = []) {
    const terminal = systemTerminal()
    const note = (text: string) => void terminal.stderr.write(`${plain(text)}\n`)
    const base = baseOf(url)
    const receiver = URL.parse(forwardTo ?? '')
    if (!receiver || !/^https?:$/.test(receiver.protocol))
      throw new Error('--forward-to takes the http or https URL that events go to, such as http://localhost:3000/hook')
    const key = await readSecret(KEY, terminal, stop)
    if (base.protocol === 'http:' && !isLoopback(base.hostname))
      note(`The key goes to ${base.origin} unencrypted: anyone on the network path can read it. Use https.`)
    await listen({
      server: base.href.replace(/\/+$/, ''),
      key,
      trigger,
      wanted: { ...readFilters(filters), format },
      forwardTo: receiver.href,
      stop,
      subscribed({ mode, modeReason, signingKey }) {
        note(
          `Listening to ${trigger} (${mode === 'webhook' ? 'as it happens' : `looked for every 2 minutes: ${modeReason ?? ''}`}). Ctrl-C ends it.`,
        )
        if (signingKey !== undefined) note(`What is sent is signed with ${signingKey}`)
      },
      forwarded: (told) => void terminal.stdout.write(`${json === undefined ? line(told, new Date()) : JSON.stringify(told)}\n`),
      note,
    })
  },
}

/** `pipeline_id=1,stage_id=2`; the server checks whether such filters exist. */
function readFilters(text: string | undefined): Record<string, string> {
  const entries = (text ?? '').split(',').filter(Boolean)
  return Object.fromEntries(
    entries.map((entry) => {
      const [, name, value] = /^(\w+)=(.+)$/.exec(entry.trim()) ?? []
      if (name === undefined || value === undefined)
        throw new Error(`--filters: ${JSON.stringify(plain(entry))} is no filter; write them as pipeline_id=1,stage_id=2`)
      return [name, value]
    }),
  )
}
