/** A CommandOption is one flag of a command; a value in the environment variable `env` counts where the flag is absent. */
export interface CommandOption {
  /** As commander writes them: `--port <number>`. One without a value, `--json`, reads `on` where it is given. */
  flags: string
  description: string
  default?: string
  /** What applies without a value, where there is no default: "all". */
  absent?: string
  env?: string
}

/** A Variable is an environment variable that no option stands for, because it holds a secret: other users of the machine can read command lines. */
export interface Variable {
  env: string
  description: string
}

/** A Command is something that the program does from the command line. Folders export theirs, `app.ts` hands them to the CLI. */
export interface Command {
  /** One word, or up to two groups and a word: `connections add`, `connections keys add`. */
  name: string
  description: string
  /** As commander writes them: `<name>`, `[file]`. */
  arguments?: readonly string[]
  options: readonly CommandOption[]
  /** What the command prints on standard output, for the documentation. */
  prints: string
  /** When it ends with exit code 1 although it did its work: "a check fails". */
  failsWhen?: string
  /** The secrets that it reads from the environment. */
  variables?: readonly Variable[]
  /** Resolves when the work is done, or `stop` was aborted and everything is closed. What people read goes to standard output. */
  run(options: Record<string, string | undefined>, stop: AbortSignal, args?: readonly string[]): Promise<void>
}
