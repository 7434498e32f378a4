import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

/** A ReceivedRequest is one request that reached the receiver, with any response. */
export interface ReceivedRequest {
  /** The last segment of the callback URL, which identifies the subscription. */
  path: string
  /** The id of the delivery, the same in each of its attempts. */
  id: string
  record: number
  body: Readonly<Record<string, unknown>>
  /** Whether the receiver processed it: it returned a 2xx, or would have if the connection had not broken first. */
  accepted: boolean
}

/** Decides the response to the nth request: a status, or `cut` to break the connection after processing. */
export type ResponseRule = (nth: number) => number | 'cut'

/** A CallbackReceiver is the endpoint of a test's callbacks. It records every request. */
export interface CallbackReceiver {
  url(path: string): string
  readonly requests: readonly ReceivedRequest[]
  /** How many requests have no response yet. */
  readonly inFlight: number
  respondWith(rule: ResponseRule): void
  /** From now on connections are refused. */
  stopListening(): Promise<void>
  startListening(): Promise<void>
}

const ok: ResponseRule = () => 200

export async function startReceiver(port: number): Promise<CallbackReceiver & { close(): Promise<void> }> {
  const requests: ReceivedRequest[] = []
  let rule = ok
  let inFlight = 0
  let server: Server | undefined

  const startListening = async () => {
    server = createServer((request, response) => {
      inFlight++
      response.once('close', () => inFlight--)
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const result = rule(requests.length + 1)
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
        const id = String(request.headers['webhook-id'])
        requests.push({
          path: request.url!.split('/').at(-1)!,
          id,
          record: Number(body['id']),
          body,
          accepted: result === 'cut' || (result >= 200 && result < 300),
        })
        if (result === 'cut') request.socket.destroy()
        else response.writeHead(result).end()
      })
    }).listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const stopListening = async () => {
    const closing = server && once(server, 'close')
    server?.close()
    server?.closeAllConnections()
    server = undefined
    await closing
  }
  await startListening()
  return {
    url: (path) => `http://127.0.0.1:${port}/callbacks/${path}`,
    requests,
    get inFlight() {
      return inFlight
    },
    respondWith: (next) => void (rule = next),
    stopListening,
    startListening,
    close: stopListening,
  }
}
