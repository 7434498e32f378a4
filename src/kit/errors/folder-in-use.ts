/** Another process uses the folder. */
export class FolderInUse extends Error {
  /** Which process uses it, as a sentence. The advice depends on the command. */
  readonly who: string

  constructor(who: string, whatToDo: string, cause?: unknown) {
    super(`${who} ${whatToDo}`, { cause })
    this.who = who
  }
}
