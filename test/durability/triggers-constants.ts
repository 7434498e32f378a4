/** The key of an administrator of the sandbox's first company. */
export const ALICE = 'sandbox-alice'
/** When every history starts, by the clocks of Pipedrive and the connector: early in a day, independent of the time of the test. */
export const START_TIME = '2026-12-01T01:00:00.000Z'
