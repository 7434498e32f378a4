import type { Secret } from '../kit/secret.ts'

/** An Acting is the Pipedrive account that a call acts as. */
export interface Principal {
  /** Pipedrive's API key. */
  key: Secret
  /** Whose limits, intents and log lines these are: a digest of the key, or the id of the connection. The same in every process that shares a store. */
  principal: string
  /** Whose account it is, where that is known without asking: only for metrics. */
  companyId?: number
  /** The named connection behind it; none when the call brought Pipedrive's key itself. */
  connection?: { id: string; name: string; /** The id of the connection key that was shown. */ keyId: string }
}
