import type { SoughtRecord } from '../../../catalog/define.ts'
import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'
import type { RecordId } from '../../../kit/record-id.ts'

/** 409: several records have the value by which one was to be found. Nothing was created. */
export class Ambiguous extends DealbridgeError {
  constructor({ object, findBy }: SoughtRecord, ids: readonly RecordId[], isComplete: boolean) {
    super({
      status: 409,
      code: 'Ambiguous',
      message:
        `${ids.length}${isComplete ? '' : ' or more'} ${object} records have this ${findBy} (ids ${ids.join(', ')}), so none was chosen and none was created. ` +
        'Merge them in Pipedrive, look for another field (find_by), or set on_several to "oldest" to get the one with the lowest id.',
      details: ids.map((id) => ({ field: 'id', message: String(id) })),
    })
  }
}
