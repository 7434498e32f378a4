/** A KnownError is a point at which the specification contradicts what Pipedrive was seen to do or says elsewhere. One that no longer occurs fails the check. */
export interface KnownError {
  /** Matched against `METHOD /path: problem`. */
  problem: RegExp
  why: string
}

export const knownErrors: readonly KnownError[] = []
