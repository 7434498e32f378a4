import type { Secret } from '../kit/secret.ts'

/** A Principal is the Pipedrive account that a call acts as. */
export interface Principal {
  /** Pipedrive's API key. */
  key: Secret
  /** The owner of limits, idempotency records and log lines: a digest of the key, or the id of the connection. The same in every process that shares a store. */
  principal: string
  /** The company of the account, if known without a request to Pipedrive: only for metrics. */
  companyId?: number
  /** The named connection; none if the call sent a Pipedrive key. */
  connection?: {
    id: string
    name: string
    /** The id of the connection key that the call sent. */
    keyId: string
    /** The sets of operations that the key is limited to; null if it has all. */
    sets: readonly string[] | null
    readOnly: boolean
  }
}
