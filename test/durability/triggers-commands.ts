/** Commands are the functions of a child process that its test calls over the channel between them. Arguments and results are JSON. */
export type Commands = Record<string, (...args: never[]) => unknown>

interface CommandRequest {
  id: number
  command: string
  args: never[]
}

/** A CommandReply is a result, or the reason why there is none. */
export type CommandReply = { ready: true } | { id: number; result: unknown } | { id: number; failed: string }

const send = (reply: CommandReply) => void (process.connected && process.send!(reply))

/** Runs the commands of the test that started this process. The process ends with the test. */
export function serveCommands(commands: Commands): void {
  process.on('message', ({ id, command, args }: CommandRequest) => {
    Promise.resolve()
      .then(() => commands[command]!(...args))
      .then(
        (result) => send({ id, result: result ?? null }),
        (error: Error) => send({ id, failed: error.message }),
      )
  })
  process.on('disconnect', () => process.exit())
  send({ ready: true })
}
