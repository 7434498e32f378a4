/** The key of an administrator of the sandbox's first company. */
export const ALICE = 'sandbox-alice'
/** When every history begins, by Pipedrive's clock and the connector's: early in a day, whatever the time of the test. */
export const START_TIME = '2026-12-01T01:00:00.000Z'

/** An Asking is one request to Pipedrive, past the connector. */
export interface UpstreamRequest {
  method: 'POST' | 'PATCH' | 'DELETE' | 'GET'
  path: string
  body?: Record<string, unknown>
}
