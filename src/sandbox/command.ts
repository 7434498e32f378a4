import { once } from 'node:events'
import type { Command } from '../kit/command.ts'
import { createSandbox, type SandboxKey } from './sandbox.ts'
import { serveSandbox } from './serve.ts'

const greeting = (url: string, keys: readonly SandboxKey[]): string => `The sandbox is at ${url}: a Pipedrive of your own, in memory.

API keys
${keys.map(({ key, description }) => `  ${key.padEnd(16)} ${description}`).join('\n')}

Try it
  curl -s '${url}/api/v2/deals?status=open&limit=5' -H 'x-api-token: ${keys[0]!.key}'
  curl -s ${url}/_sandbox/requests
`

/** The port of a command line, or the error that says what a port is. */
function readPort(text: string | undefined): number {
  const port = Number(text)
  if (text === undefined || !/^\d+$/.test(text) || port > 65_535) throw new Error(`--port is a number from 0 to 65535, not ${text}`)
  return port
}

export const sandboxCommand: Command = {
  name: 'sandbox',
  description: 'run a Pipedrive of your own, in memory, to try things out',
  options: [{ flags: '--port <number>', description: 'port on 127.0.0.1; 0 takes any free one', default: '8081' }],
  async run({ port }, stop) {
    const sandbox = createSandbox()
    const server = await serveSandbox({ sandbox, port: readPort(port) })
    process.stdout.write(greeting(server.url, sandbox.keys))
    if (!stop.aborted) await once(stop, 'abort')
    await server.close()
  },
}
