/** A RequestRecord is one request to Pipedrive's endpoints and its result. */
export interface RequestRecord {
  /** 1 for the first since the start or the last reset. */
  id: number
  /** RFC 3339, whole seconds of the sandbox's clock. */
  time: string
  method: string
  /** The path with its query, without secrets. */
  path: string
  /** The first 10 KB of the body, without secrets; kept for the latest 1,000 requests. */
  body?: string
  /** null if there was no answer. */
  status: number | null
  /** The price that was charged. */
  tokens: number
  /** The user of the key; null if the key is unknown. */
  user: number | null
  company: number | null
  /** The name of the fault that was applied. */
  fault?: string
}

/** A limit, so that a load test does not fill the memory. */
const MAX_RECORDS = 10_000
const MAX_BODIES = 1_000
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
      const tooOld = records[records.length - 1 - MAX_BODIES]
      if (tooOld) delete tooOld.body
      if (records.length >= 2 * MAX_RECORDS) records = records.slice(-MAX_RECORDS)
    },
    all: () => records.slice(-MAX_RECORDS),
  }
}
