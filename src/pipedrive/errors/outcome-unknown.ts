import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { describeTarget, type Target } from '../target.ts'

export interface OutcomeUnknownOptions {
  cause?: unknown
  /** Ids of records that may be the one that was to be created. */
  candidates?: readonly number[]
  /** It was sent once more after nothing of it was to be seen. */
  repeated?: boolean
}

/** 409, so that no host repeats it: a write was sent and nothing told whether it was executed. */
export class OutcomeUnknown extends DealbridgeError {
  readonly target: Target
  readonly sentAtMs: number
  readonly reason: string

  constructor(target: Target, sentAtMs: number, reason: string, { cause, candidates = [], repeated = false }: OutcomeUnknownOptions = {}) {
    const sentAt = new Date(sentAtMs).toISOString()
    super({
      status: 409,
      code: 'OutcomeUnknown',
      message:
        `It is not known whether Pipedrive executed ${target.method} ${target.path} (${describeTarget(target)}), sent at ${sentAt}: ${reason}. ` +
        `It was not repeated${repeated ? ' a second time' : ''}, for that could do it twice. ` +
        (candidates.length > 0 ? whichOne(target, candidates) : howToCheck(target, sentAt)),
      details: candidates.map((id) => ({ field: 'id', message: String(id) })),
      cause,
    })
    this.target = target
    this.sentAtMs = sentAtMs
    this.reason = reason
  }
}

/** The same name of an intent would get the same answer again. */
const AGAIN = 'do it again: resubmit the run, or send it with a new Idempotency-Key'

/** More than a person looks at. */
const TOLD_MAX = 20

function whichOne({ object }: Target, ids: readonly number[]): string {
  const list = ids.slice(0, TOLD_MAX).join(', ') + (ids.length > TOLD_MAX ? ` and ${ids.length - TOLD_MAX} more` : '')
  return `Look in Pipedrive at ${object} ${list}, added by the same user since then: should it be one of them, go on with that one. Only if it is none, ${AGAIN}.`
}

function howToCheck({ method, object, id, title }: Target, sentAt: string): string {
  if (method === 'POST') {
    const which = title === undefined ? `a new ${object}` : `a new ${object} "${title}"`
    return `Look in Pipedrive for ${which} added about then (${sentAt}). Only if there is none, ${AGAIN}.`
  }
  const wanted = method === 'DELETE' ? 'is still there' : 'does not show the change'
  return `Open ${object} ${id ?? ''} in Pipedrive. Only if it ${wanted}, ${AGAIN}.`
}
