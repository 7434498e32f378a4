/** A store that no process can start with: damaged, of another version or kind, or on a disk that does not let us. */
export class StoreUnusable extends Error {
  constructor(what: string, whatToDo: string, cause?: unknown) {
    super(`${what} ${whatToDo}`, { cause })
  }
}
