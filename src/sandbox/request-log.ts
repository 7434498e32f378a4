/** A RequestRecord is one request to Pipedrive's routes as it was answered. */
export interface RequestRecord {
  /** RFC 3339, whole seconds by the clock. */
  time: string
  method: string
  /** The path with its query, without anything secret. */
  path: string
  status: number
  /** The price that was charged. */
  tokens: number
  /** Whom the key acts as; null when it was refused. */
  user: number | null
  company: number | null
}

/** So many records are kept: a load test must not fill the memory. */
const KEPT_RECORDS = 10_000

/** A RequestLog is the latest requests, oldest first. */
export interface RequestLog {
  add(record: RequestRecord): void
  all(): RequestRecord[]
}

export function createRequestLog(): RequestLog {
  let records: RequestRecord[] = []
  return {
    add(record) {
      records.push(record)
      if (records.length >= 2 * KEPT_RECORDS) records = records.slice(-KEPT_RECORDS)
    },
    all: () => records.slice(-KEPT_RECORDS),
  }
}
