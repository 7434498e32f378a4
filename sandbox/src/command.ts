import { once } from 'node:events'
import type { Behaviour } from './behaviour.ts'
import { createSandbox, type SandboxKey } from './sandbox.ts'
import { loadSeedFile } from './seed/read-seed.ts'
import { MAX_GENERATED_DEALS, type SeedFile } from './seed/seed-schema.ts'
import { serveSandbox } from './serve.ts'

const startMessage = (url: string, keys: readonly SandboxKey[], folder: string | undefined): string =>
  `The sandbox listens at ${url} and stores its data ${folder === undefined ? 'in memory' : `in ${folder}`}.

API keys
${keys.map(({ key, description }) => `  ${key.padEnd(16)} ${description}`).join('\n')}

Try it
  curl -s '${url}/api/v2/deals?status=open&limit=5' -H 'x-api-token: ${keys[0]!.key}'
  curl -s ${url}/_sandbox/requests

Inspector
  ${url}/
`

/** Parses --port, or throws with the valid values. */
function readPort(text: string | undefined): number {
  const port = Number(text)
  if (text === undefined || !/^\d+$/.test(text) || port > 65_535) throw new Error(`--port must be a number from 0 to 65535, not ${text}`)
  return port
}

/** Parses --allow-host, or throws with the valid values. */
function readHosts(text = ''): string[] {
  const names = text.split(/[\s,]+/).filter(Boolean)
  const wrong = names.find((name) => !/^[\w.-]+$|^\[?[\da-f:.]*:[\da-f:.]*\]?$/i.test(name))
  if (wrong !== undefined) throw new Error(`--allow-host must be host names without scheme, port and path, not ${wrong}`)
  return names
}

/** Parses --generate, or throws with the valid values. */
function readDeals(text: string): number {
  const deals = Number(text)
  if (!/^\d+$/.test(text) || deals < 1 || deals > MAX_GENERATED_DEALS)
    throw new Error(`--generate must be a number from 1 to ${MAX_GENERATED_DEALS}, not ${text}`)
  return deals
}

/** The seed that the options describe. */
async function readInitialSeed(path: string | undefined, deals: string | undefined): Promise<SeedFile> {
  const seed = path === undefined ? {} : await loadSeedFile(path)
  return deals === undefined ? seed : { ...seed, generate: { ...seed.generate, deals: readDeals(deals) } }
}

/** The command `dealbridge sandbox`; `dealbridge-sandbox` runs it too. */
export const sandboxCommand = {
  name: 'sandbox',
  description: 'run a Pipedrive look-alike for tests and trials',
  prints: 'the URL and the API keys of the sandbox',
  options: [
    { flags: '--port <number>', description: 'port on 127.0.0.1; 0 takes any free one', default: '8081' },
    {
      flags: '--allow-host <list>',
      description: 'host names, separated by commas, that requests may be for besides localhost; other names are refused',
    },
    { flags: '--data <folder>', description: 'folder that keeps everything; the next start continues from it' },
    { flags: '--seed <file>', description: 'YAML or JSON file with the companies to begin with' },
    { flags: '--generate <deals>', description: 'number of additional deals to make up, with persons, organizations and activities' },
    { flags: '--limits <on|off>', description: 'whether calls over the rate limits are refused, as Pipedrive does; off by default' },
    {
      flags: '--strict-urls',
      description: 'accept only webhook URLs that Pipedrive would accept: public, https, reachable, without a redirect',
    },
  ],
  async run(
    { port, allowHost, data, seed, generate, limits, strictUrls }: Record<string, string | undefined>,
    stop: AbortSignal,
  ): Promise<void> {
    const portNumber = readPort(port)
    if (limits !== undefined && limits !== 'on' && limits !== 'off') throw new Error(`--limits must be on or off, not ${limits}`)
    const seedFile = await readInitialSeed(seed, generate)
    const chosenBehaviour: Partial<Behaviour> = { ...(limits && { limits }), ...(strictUrls !== undefined && { strictUrls: 'on' }) }
    const sandbox = createSandbox({
      seed: seedFile,
      behaviour: chosenBehaviour,
      hosts: readHosts(allowHost),
      ...(data !== undefined && { dataDir: data }),
    })
    // Options override the stored behaviour.
    Object.assign(sandbox.behaviour, chosenBehaviour)
    try {
      const server = await serveSandbox({ sandbox, port: portNumber })
      process.stdout.write(startMessage(server.url, sandbox.keys, data))
      if (!stop.aborted) await once(stop, 'abort')
      await server.close()
    } finally {
      sandbox.close()
    }
  },
}
