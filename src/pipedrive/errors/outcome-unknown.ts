import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { describeTarget, type Target } from '../target.ts'

/** 409, so that no host repeats it: a write was sent and nothing told whether it was executed. */
export class OutcomeUnknown extends DealbridgeError {
  constructor(target: Target, sentAtMs: number, reason: string, cause?: unknown) {
    const sentAt = new Date(sentAtMs).toISOString()
    super({
      status: 409,
      code: 'OutcomeUnknown',
      message:
        `It is not known whether Pipedrive executed ${target.method} ${target.path} (${describeTarget(target)}), sent at ${sentAt}: ${reason}. ` +
        `It was not repeated, for that could do it twice. ${howToCheck(target, sentAt)}`,
      cause,
    })
  }
}

function howToCheck({ method, object, id, title }: Target, sentAt: string): string {
  if (method === 'POST') {
    const which = title === undefined ? `a new ${object}` : `a new ${object} "${title}"`
    return `Look in Pipedrive for ${which} added about then (${sentAt}); run this step again only if there is none.`
  }
  const wanted = method === 'DELETE' ? 'is still there' : 'does not show the change'
  return `Open ${object} ${id ?? ''} in Pipedrive; run this step again only if it ${wanted}.`
}
