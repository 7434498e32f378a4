/** RunAborted ends a run from outside: another run took its key, another run took over its record, or the process is stopping. */
export class RunAborted extends Error {
  readonly why: 'key-taken' | 'lease-lost' | 'closing'
  constructor(why: RunAborted['why']) {
    super(`the run was aborted: ${why}`)
    this.why = why
  }
}
