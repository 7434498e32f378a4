import type { ClockTime } from '../../../pipedrive/api-types.ts'

/** The contract's yyyy-MM-ddTHH:mm:ss.fffZ from any of Pipedrive's time formats; API v1's "2026-05-15 09:55:02" has no zone and is UTC. Empty or unreadable: null. */
export function isoMillis(time: string): string | null {
  if (typeof time !== 'string') return null
  const zoned = /[Zz]$|[+-]\d{2}:?\d{2}$/.test(time) ? time : `${time.replace(' ', 'T')}Z`
  const at = Date.parse(zoned)
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}

/** yyyy-MM-dd; Pipedrive stores an emptied date as "0000-00-00". */
export const dateOnly = (date: string): string | null =>
  typeof date === 'string' && /^\d{4}-\d{2}-\d{2}/.test(date) && !date.startsWith('0000') ? date.slice(0, 10) : null

const parts = (time: ClockTime): [string, string, string] | null => {
  const text = typeof time === 'object' && time !== null ? time.value : time
  const match = /^(\d{1,3}):(\d{2})(?::(\d{2}))?/.exec(text ?? '')
  return match ? [match[1]!.padStart(2, '0'), match[2]!, match[3] ?? '00'] : null
}

/** HH:MM from any documented form of an activity's time; empty: null. */
export const hoursMinutes = (time: ClockTime): string | null => parts(time)?.slice(0, 2).join(':') ?? null
/** HH:MM:SS, as API v1 showed the times of an activity on its deal. */
export const hoursMinutesSeconds = (time: ClockTime): string | null => parts(time)?.join(':') ?? null
