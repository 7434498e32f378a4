/**
 * A connection's runtime URL is the base URL that generated client libraries use: below it, every path of the catalog works
 * as it does without it, for that connection only.
 */
export const RUNTIME_URL = '/apim/pipedrive/{connectionId}'

/** The part of a URL that identifies one connection, after the server's base URL. */
export const runtimePath = (connectionId: string): string => RUNTIME_URL.replace('{connectionId}', encodeURIComponent(connectionId))

const UNDER_RUNTIME_URL = /^\/apim\/pipedrive\/[^/]+(?=\/|$)/

/** The runtime URL at the start of a path; empty if there is none. */
export const runtimeUrlOf = (path: string): string => UNDER_RUNTIME_URL.exec(path)?.[0] ?? ''
