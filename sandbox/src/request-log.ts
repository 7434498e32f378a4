/** A RequestRecord is one request to Pipedrive's routes as it was answered. */
export interface RequestRecord {
  /** 1 for the first since the start or the last reset. */
  id: number
  /** RFC 3339, whole seconds by the clock. */
  time: string
  method: string
  /** The path with its query, without anything secret. */
  path: string
  /** The body's text up to 10 KB, without anything secret; the latest 1,000 requests have it. */
  body?: string
  /** null when no answer went out. */
  status: number | null
  /** The price that was charged. */
  tokens: number
  /** Whom the key acts as; null when it was refused. */
  user: number | null
  company: number | null
  /** The name of the fault that happened to it. */
  fault?: string
}

/** So many records are kept: a load test must not fill the memory. */
const KEPT_RECORDS = 10_000
const KEPT_BODIES = 1_000
const LONGEST_BODY = 10_240

/** A RequestLog is the latest requests, oldest first. */
export interface RequestLog {
  add(record: Omit<RequestRecord, 'id'>): void
  all(): RequestRecord[]
}

export function createRequestLog(): RequestLog {
  let records: RequestRecord[] = []
  let lastId = 0
  return {
    add(record) {
      records.push({ id: ++lastId, ...record, ...(record.body !== undefined && { body: record.body.slice(0, LONGEST_BODY) }) })
      const tooOld = records[records.length - 1 - KEPT_BODIES]
      if (tooOld) delete tooOld.body
      if (records.length >= 2 * KEPT_RECORDS) records = records.slice(-KEPT_RECORDS)
    },
    all: () => records.slice(-KEPT_RECORDS),
  }
}
