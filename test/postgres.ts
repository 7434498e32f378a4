import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { postgresPrograms, startCluster, type Cluster } from '../src/store/postgres-cluster.fixture.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers the URL of the run's PostgreSQL, which starts when first asked for. Empty without PostgreSQL's programs. */
    postgres: string
  }
}

/** One cluster for the whole run, and none for a run that has no use for it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.provide('postgres', '')
  if (!postgresPrograms()) return () => Promise.resolve()
  let cluster: Promise<Cluster> | undefined
  const server = createServer((_request, response) => {
    cluster ??= startCluster()
    cluster.then(
      ({ url }) => response.end(url),
      (error: Error) => response.writeHead(500).end(error.message),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  project.provide('postgres', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return async () => {
    server.close()
    server.closeAllConnections()
    await cluster?.then(
      ({ stop }) => stop(),
      () => {},
    )
  }
}
