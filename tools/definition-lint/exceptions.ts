/** A LintException is a place where a definition breaks a rule on purpose. */
export interface LintException {
  rule: string
  /** The operation, or `operation.parameter`. */
  at: string
  reason: string
}

const DEPRECATED = ['AddDeal', 'UpdateDealStage', 'TrigNewDeal']
const REASON = 'the contract itself ends the titles of deprecated operations in [DEPRECATED]'

/** All of them. One that is not needed any more fails a test. */
export const exceptions: readonly LintException[] = DEPRECATED.flatMap((at) =>
  ['title-characters', 'title-end'].map((rule) => ({ rule, at, reason: REASON })),
)
