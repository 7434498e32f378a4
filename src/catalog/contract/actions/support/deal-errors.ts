import { DealbridgeError } from '../../../../kit/errors/dealbridge-error.ts'

/** 409: the state of the deal does not allow the change. Nothing was sent. */
export class DealNotChangeable extends DealbridgeError {
  constructor(id: number, state: 'deleted' | 'archived') {
    const wayOut =
      state === 'deleted'
        ? 'Pipedrive keeps deleted deals for 30 days: restore it there (list view, filter "Deleted"), then repeat'
        : 'unarchive it in Pipedrive (open the deal, "Unarchive"), then repeat'
    super({
      status: 409,
      code: state === 'deleted' ? 'DealDeleted' : 'DealArchived',
      message: `Deal ${id} is ${state} and was not changed: ${wayOut}.`,
    })
  }
}

/** 409: a deal that should have been created as deleted exists, but is not deleted. Repeating the call would create a second one. */
export class DealNotDeleted extends DealbridgeError {
  constructor(id: number, cause: unknown) {
    // The rest of the message says what to do about the deletion.
    const reason = (cause as Error).message.replace(/\. [^]*$/, '')
    super({
      status: 409,
      code: 'DealNotDeleted',
      message: `Deal ${id} was created, but deleting it failed (${reason}). Do not repeat this step: set the status of deal ${id} to "deleted" instead.`,
      details: [{ field: 'id', message: String(id) }],
      cause,
    })
  }
}
