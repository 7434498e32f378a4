/** An Order is one function of a child process that its test calls over the channel between them. What goes and comes is JSON. */
export type Commands = Record<string, (...given: never[]) => unknown>

interface CommandRequest {
  id: number
  order: string
  given: never[]
}

/** What comes back: the answer, or why there is none. */
export type CommandReply = { ready: true } | { id: number; answer: unknown } | { id: number; failed: string }

const tell = (told: CommandReply) => void (process.connected && process.send!(told))

/** Serves the orders of the test that has started this process, and ends with it. */
export function serveCommands(orders: Commands): void {
  process.on('message', (asked: CommandRequest) => {
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
