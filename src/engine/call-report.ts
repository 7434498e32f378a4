import { createLedger, type Ledger } from '../pipedrive/ledger.ts'

/** A CallReport is what a caller and the log get besides the result of a call. A failed call has one too. */
export interface CallReport {
  /** The connection's name in logs; undefined if the call ended before its account was known. */
  readonly account: string | undefined
  readonly upstreamCalls: number
  readonly tokens: number
  /** For the header x-dealbridge-warning. */
  readonly warnings: readonly string[]
  /** Kinds of linked records that could not be read, for the header x-dealbridge-incomplete. */
  readonly incomplete: readonly string[]
  /** The result is that of an earlier attempt, for the header x-dealbridge-replayed. */
  readonly replayed: boolean
}

/** A Result is a value or an error. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }

/** A ReportedResult is the result of a call with its report. */
export interface ReportedResult<T> {
  readonly result: Result<T>
  readonly report: CallReport
}

/** A ReportDraft is the CallReport while the call runs; only the code that runs the call has it. */
export interface ReportDraft {
  account: string | undefined
  readonly ledger: Ledger
  warnings: readonly string[]
  incomplete: Iterable<string>
  replayed: boolean
}

/** Runs a call and returns its result with the report. Never rejects: errors get a report too. */
export async function withReport<T>(run: (draft: ReportDraft) => Promise<T>): Promise<ReportedResult<T>> {
  const draft: ReportDraft = { account: undefined, ledger: createLedger(), warnings: [], incomplete: [], replayed: false }
  const result = await run(draft).then(
    (value): Result<T> => ({ ok: true, value }),
    (error: unknown): Result<T> => ({ ok: false, error }),
  )
  return { result, report: reportOf(draft) }
}

/** A copy: an attempt continues after its caller stopped waiting, and so does its ledger. */
const reportOf = ({ account, ledger, warnings, incomplete, replayed }: ReportDraft): CallReport => ({
  account,
  upstreamCalls: ledger.calls,
  tokens: ledger.tokens,
  warnings: [...warnings],
  incomplete: [...incomplete].toSorted(),
  replayed,
})
