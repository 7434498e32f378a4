/** A folder belongs to another process. */
export class FolderInUse extends Error {
  /** Who has it, as a sentence: what to do about it depends on what was wanted. */
  readonly who: string

  constructor(who: string, whatToDo: string, cause?: unknown) {
    super(`${who} ${whatToDo}`, { cause })
    this.who = who
  }
}
