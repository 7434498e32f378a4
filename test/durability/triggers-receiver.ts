import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

/** A Delivered is one request that reached the receiver, whatever it said to it. */
export interface ReceivedRequest {
  /** The last segment of the callback URL: which subscription it is of. */
  path: string
  /** The id of the delivery, the same in each of its attempts. */
  id: string
  record: number
  body: Readonly<Record<string, unknown>>
  /** Whether the receiver has it now: it said so, or would have if the connection had not broken first. */
  taken: boolean
}

/** What a receiver says to its nth request: a status, or nothing after all because the connection breaks when it has worked on it. */
export type ResponseRule = (nth: number) => number | 'cut'

/** A Receiver is where the callbacks of a test go, with a memory of every request. */
export interface CallbackReceiver {
  url(path: string): string
  readonly requests: readonly ReceivedRequest[]
  /** How many requests it has not answered. */
  readonly underWay: number
  says(rule: ResponseRule): void
  /** Nobody listens any more: connections are refused. */
  down(): Promise<void>
  up(): Promise<void>
}

const answers: ResponseRule = () => 200

export async function startReceiver(port: number): Promise<CallbackReceiver & { close(): Promise<void> }> {
  const requests: ReceivedRequest[] = []
  let rule = answers
  let underWay = 0
  let server: Server | undefined

  const listen = async () => {
    server = createServer((request, response) => {
      underWay++
      response.once('close', () => underWay--)
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const said = rule(requests.length + 1)
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
        const id = String(request.headers['webhook-id'])
        requests.push({
          path: request.url!.split('/').at(-1)!,
          id,
          record: Number(body['id']),
          body,
          taken: said === 'cut' || (said >= 200 && said < 300),
        })
        if (said === 'cut') request.socket.destroy()
        else response.writeHead(said).end()
      })
    }).listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const down = async () => {
    const closing = server && once(server, 'close')
    server?.close()
    server?.closeAllConnections()
    server = undefined
    await closing
  }
  await listen()
  return {
    url: (path) => `http://127.0.0.1:${port}/callbacks/${path}`,
    requests,
    get underWay() {
      return underWay
    },
    says: (next) => void (rule = next),
    down,
    up: listen,
    close: down,
  }
}
