/** The store prevents the start: it is damaged, of another version or kind, or on an unusable disk. */
export class StoreUnusable extends Error {
  constructor(what: string, whatToDo: string, cause?: unknown) {
    super(`${what} ${whatToDo}`, { cause })
  }
}
