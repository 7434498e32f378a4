/** A CommandOption is one `--flag <value>` of a command, in commander's notation. */
export interface CommandOption {
  flags: string
  description: string
  default?: string
}

/** A Command is one word of the CLI, exported as a value by the folder that it belongs to. */
export interface Command {
  name: string
  description: string
  options: CommandOption[]
  /** `options` holds the flags' long names in camelCase. Resolves when `stop` has aborted and everything is closed; output for humans goes to stdout. */
  run(options: Record<string, string | undefined>, stop: AbortSignal): Promise<void>
}
