import type { RecordId } from '../../kit/record-id.ts'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { describeTarget, type Target } from '../target.ts'

export interface OutcomeUnknownOptions {
  cause?: unknown
  /** Ids of records that this write may have created. */
  candidates?: readonly RecordId[]
  /** It was sent again after the first read-back found nothing. */
  repeated?: boolean
}

/** 409, so that no host retries it: a write was sent, and it is unknown whether Pipedrive executed it. */
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
        `It was not sent ${repeated ? 'a third time' : 'again'}, because Pipedrive could then execute it twice. ` +
        (candidates.length > 0 ? whichOne(target, candidates) : howToCheck(target, sentAt)),
      details: candidates.map((id) => ({ field: 'id', message: String(id) })),
      cause,
    })
    this.target = target
    this.sentAtMs = sentAtMs
    this.reason = reason
  }
}

/** The same idempotency key would get the same answer again. */
const RETRY = 'retry: resubmit the run, or send it with a new Idempotency-Key'

/** More than a person would check. */
const LISTED_MAX = 20

function whichOne({ object }: Target, ids: readonly RecordId[]): string {
  const list = ids.slice(0, LISTED_MAX).join(', ') + (ids.length > LISTED_MAX ? ` and ${ids.length - LISTED_MAX} more` : '')
  return `Check in Pipedrive ${object} ${list}, added by the same user since then: if one of them is yours, continue with it. If not, ${RETRY}.`
}

function howToCheck({ method, object, id, title }: Target, sentAt: string): string {
  if (method === 'POST') {
    const which = title === undefined ? `a new ${object}` : `a new ${object} "${title}"`
    return `Look in Pipedrive for ${which} added about then (${sentAt}). Only if there is none, ${RETRY}.`
  }
  const missing = method === 'DELETE' ? 'is still there' : 'does not show the change'
  return `Open ${object} ${id ?? ''} in Pipedrive. Only if it ${missing}, ${RETRY}.`
}
