/**
 * A connection's runtime URL is the address under which generated client libraries know it: every path of the catalog answers behind it
 * as it does without it, for that connection only.
 */
export const RUNTIME_URL = '/apim/pipedrive/{connectionId}'

/** The part of a URL that stands for one connection, behind where this server is reached. */
export const runtimePath = (connectionId: string): string => RUNTIME_URL.replace('{connectionId}', encodeURIComponent(connectionId))

const UNDER_RUNTIME_URL = /^\/apim\/pipedrive\/[^/]+(?=\/|$)/

/** The start of a path that is a runtime URL; empty when it is not under one. */
export const runtimeUrlOf = (path: string): string => UNDER_RUNTIME_URL.exec(path)?.[0] ?? ''
