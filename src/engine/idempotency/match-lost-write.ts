import type { RecordId } from '../../kit/record-id.ts'

/** A LostWriteObservation is what one read of Pipedrive and of the journal shows about a create whose outcome is unknown. */
export interface LostWriteObservation {
  /** Ids of records of the same user that are newer than the send, unclaimed, and have the same content; oldest first. */
  same: readonly RecordId[]
  /** Ids of records with the same title but another value: an automation may have changed them. */
  similar: readonly RecordId[]
  /** There were more records than were read. */
  truncated: boolean
  /** Other calls with the same content whose write is in flight: the matches may be theirs. */
  inFlight: number
  /** Other calls of the same object in flight: the similar records may be theirs. */
  inFlightOther: number
  /** Other calls with the same content whose read-back is pending. */
  undecided: number
  /** Other calls with the same content that were abandoned without a record. */
  givenUp: number
  /** The settle time is over: a record that has not appeared by now counts as not created. */
  settled: boolean
  /** This is the last read. */
  timedOut: boolean
}

/** A LostWriteVerdict is the conclusion from a LostWriteObservation. */
export type LostWriteVerdict =
  { do: 'take'; id: RecordId } | { do: 'read-again' } | { do: 'give-up'; candidates: readonly RecordId[] } | { do: 'repeat' }

/** Which record, if any, a send created. Pure; `read-back.ts` performs the verdict. */
export function matchLostWrite(observation: LostWriteObservation): LostWriteVerdict {
  const { same, similar, truncated, inFlight, inFlightOther, undecided, givenUp, settled, timedOut } = observation
  const giveUp: LostWriteVerdict = { do: 'give-up', candidates: same.length > 0 ? same : similar }
  const unlessLater = (isLate: boolean, then: LostWriteVerdict): LostWriteVerdict => (isLate ? then : { do: 'read-again' })

  if (same.length > 0) {
    if (inFlight > 0) return unlessLater(timedOut, giveUp)
    // Each pending read-back may have created one of these records. If there are not more records than read-backs, they are
    // equivalent and each may claim any. An abandoned call claims none, so then only an exact count shows that each call created one.
    const seekers = 1 + undecided + givenUp
    const fair = same.length <= seekers && (givenUp === 0 || same.length === seekers)
    return fair && !truncated ? { do: 'take', id: same[0]! } : unlessLater(settled, giveUp)
  }
  if (!settled) return { do: 'read-again' }
  if (truncated) return giveUp
  if (similar.length > 0) return unlessLater(timedOut || inFlightOther === 0, giveUp)
  return { do: 'repeat' }
}
