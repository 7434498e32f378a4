import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A CutNetwork is the way to a PostgreSQL, which can be cut: as when that restarts. */
export interface CutNetwork {
  url: string
  cut(): void
  mend(): void
  close(): Promise<void>
}

export async function cutNetwork(to: string): Promise<CutNetwork> {
  const target = new URL(to)
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) return near.destroy()
    const far = connect(Number(target.port), target.hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {}).on('close', () => other.destroy())
      one.pipe(other)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.port = String((server.address() as AddressInfo).port)
  const cut = () => {
    isCut = true
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    url: url.href,
    cut,
    mend: () => void (isCut = false),
    close: async () => {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
