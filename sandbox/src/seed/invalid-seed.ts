/** A WrongSeed is a seed that cannot be planted; it names each place and what is wrong there. */
export class InvalidSeed extends Error {
  constructor(source: string, problems: readonly string[]) {
    super(`${source} cannot be planted:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
  }
}
