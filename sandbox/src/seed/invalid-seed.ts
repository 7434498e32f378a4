/** An InvalidSeed is a seed with problems; the message lists each with its path. */
export class InvalidSeed extends Error {
  constructor(source: string, problems: readonly string[]) {
    super(`${source} is not a valid seed:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
  }
}
