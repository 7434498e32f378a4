import { describe, test } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    /** What a skipped suite would have needed, and how to get it. */
    missing?: string
  }
}

/**
 * A suite that needs something which not every machine has, say a browser. Without it the suite is skipped and named in the last lines
 * of the run; with CI=true that is a failure, for `.ci/run` installs what is needed.
 */
export function needs(suite: string, available: boolean, missing: string, body: () => void): void {
  if (available) describe(suite, body)
  // oxlint-disable-next-line vitest/no-disabled-tests -- named at the end of the run
  else test.skip(suite, { meta: { missing } })
}
