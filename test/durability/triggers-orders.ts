/** An Order is one function of a child process that its test calls over the channel between them. What goes and comes is JSON. */
export type Orders = Record<string, (...given: never[]) => unknown>

interface Asked {
  id: number
  order: string
  given: never[]
}

/** What comes back: the answer, or why there is none. */
export type Told = { ready: true } | { id: number; answer: unknown } | { id: number; failed: string }

const tell = (told: Told) => void (process.connected && process.send!(told))

/** Serves the orders of the test that has started this process, and ends with it. */
export function serveOrders(orders: Orders): void {
  process.on('message', (asked: Asked) => {
    const { id, order, given } = asked
    Promise.resolve()
      .then(() => orders[order]!(...given))
      .then(
        (answer) => tell({ id, answer: answer ?? null }),
        (error: Error) => tell({ id, failed: error.message }),
      )
  })
  process.on('disconnect', () => process.exit())
  tell({ ready: true })
}
