import { createApp } from '../../src/app.ts'
import { readConfig, serveOptions } from '../../src/config/config.ts'
import { serveHttp } from '../../src/adapters/http/serve-http.ts'
import { createSandbox } from '../../sandbox/src/index.ts'
import { serveSandbox } from '../../sandbox/src/serve.ts'

/** A Pair is a connector and the sandbox behind it, on free ports. */
export interface Pair {
  url: string
  sandboxUrl: string
  close(): Promise<void>
}

/** `--calls-per-minute <number>` → callsPerMinute, as the command line names it. */
const nameOf = (flags: string): string =>
  flags.replace(/ .*/, '').replace(/^--|-(\w)/g, (_, letter?: string) => letter?.toUpperCase() ?? '')

/** `options` override the defaults of `dealbridge serve`. `env` has the secrets. */
export async function startPair(options: Record<string, string>, env: Record<string, string>): Promise<Pair> {
  const sandbox = await serveSandbox({ sandbox: createSandbox(), port: 0 })
  const defaults = Object.fromEntries(serveOptions.map(({ flags, default: fallback }) => [nameOf(flags), fallback]))
  const config = readConfig({ ...defaults, port: '0', upstream: sandbox.url, logLevel: 'error', ...options }, env)
  const app = await createApp(config)
  const server = await serveHttp({ fetch: app.fetch, hostname: config.hostname, port: config.port })
  // Now the sandbox can deliver webhooks to the connector.
  await app.listening(server.url)
  return {
    url: server.url,
    sandboxUrl: sandbox.url,
    async close() {
      await server.close()
      await app.close()
      await sandbox.close()
    },
  }
}
