/** A Halt ends a run from outside: its name was taken by another one, the intent was taken over, or the process is about to end. */
export class Halt extends Error {
  readonly why: 'taken' | 'lost' | 'closing'
  constructor(why: Halt['why']) {
    super(`the run has ended: ${why}`)
    this.why = why
  }
}
