/** A CommandOption is one flag of a command; the environment variable `env` applies if the flag is absent. */
export interface CommandOption {
  /** As commander writes them: `--port <number>`. A flag without a value, `--json`, reads `on` if it is present. */
  flags: string
  description: string
  default?: string
  /** The effect without a value, if there is no default: "all". */
  absent?: string
  env?: string
}

/** A Variable is an environment variable without an option, because it holds a secret: other users of the machine can read command lines. */
export interface Variable {
  env: string
  description: string
}

/** A Command is one command of the command line. Folders export their commands, and `app.ts` passes them to the CLI. */
export interface Command {
  /** One word, or up to two groups and a word: `connections add`, `connections keys add`. */
  name: string
  description: string
  /** As commander writes them: `<name>`, `[file]`. */
  arguments?: readonly string[]
  options: readonly CommandOption[]
  /** What the command prints on standard output, for the documentation. */
  prints: string
  /** When it ends with exit code 1 although it ran completely: "a check fails". */
  failsWhen?: string
  /** The secrets that it reads from the environment. */
  variables?: readonly Variable[]
  /** Resolves when the work is done, or when `stop` was aborted and everything is closed. Output for people goes to standard output. */
  run(options: Record<string, string | undefined>, stop: AbortSignal, args?: readonly string[]): Promise<void>
}
