import { HookBodyInvalid } from '../errors/hook-body-invalid.ts'
import { isObject } from '../../kit/is-object.ts'

/** An ExpectedWebhook is what a webhook was registered for. */
export interface ExpectedWebhook {
  companyId: number
  /** `meta.entity` */
  kind: string
}

/** A CheckedBody is a webhook's body, as far as `checkBody` checks it. */
export interface CheckedBody {
  meta: { action: 'create' | 'change' | 'delete'; id: string; entity_id: string | number; timestamp?: unknown; merged_to_id?: unknown }
  data?: Readonly<Record<string, unknown>> | null
  previous?: Readonly<Record<string, unknown>> | null
}

const ACTIONS: readonly unknown[] = ['create', 'change', 'delete']

/** Throws HookBodyInvalid for a body that Pipedrive cannot have sent to this webhook, so that every stored body can be processed. */
export function checkBody(body: Readonly<Record<string, unknown>>, { companyId, kind }: ExpectedWebhook): void {
  const { meta, data, previous } = body
  if (!isObject(meta)) throw new HookBodyInvalid('meta', 'is missing')
  const wrong = (field: string, expected: string): never => {
    throw new HookBodyInvalid(`meta.${field}`, `is not ${expected}`)
  }
  if (meta['version'] !== '2.0') wrong('version', '"2.0"')
  if (String(meta['company_id']) !== String(companyId)) wrong('company_id', 'the company of this webhook')
  if (meta['entity'] !== kind) wrong('entity', `"${kind}"`)
  if (!ACTIONS.includes(meta['action'])) wrong('action', 'create, change or delete')
  if (typeof meta['id'] !== 'string' || meta['id'] === '' || meta['id'].length > 200) wrong('id', 'a text')
  const recordId = Number(meta['entity_id'])
  if (!Number.isSafeInteger(recordId) || recordId <= 0) wrong('entity_id', 'an id')
  for (const [field, state] of Object.entries({ data, previous }))
    if (state !== null && state !== undefined && !isObject(state)) throw new HookBodyInvalid(field, 'is neither an object nor null')
  if (meta['action'] !== 'delete' && !isObject(data)) throw new HookBodyInvalid('data', 'is missing')
  if (isObject(data) && Number(data['id']) !== recordId) throw new HookBodyInvalid('data.id', 'is not the entity_id of meta')
}
