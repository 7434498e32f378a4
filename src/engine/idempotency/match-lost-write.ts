/** A Reading is what one look at Pipedrive and at the journal has shown about a create whose outcome is unknown. */
export interface ReadBackResult {
  /** Records of the same user, newer than the attempt, claimed by nobody, with the same content; ascending. */
  same: readonly number[]
  /** The same title, but another value somewhere: an automation may have changed it. */
  similar: readonly number[]
  /** There were more records than were looked at. */
  beyond: boolean
  /** Other intents with the same content whose write is on its way: what was found may be theirs. */
  inFlight: number
  /** Other intents of the same object on their way: what is similar may be theirs. */
  inFlightOther: number
  /** Other intents with the same content that are being looked for too, and will be until they are decided. */
  undecided: number
  /** Other intents with the same content that were given up without a record. */
  givenUp: number
  /** The settle time is over: what has not appeared by now is taken for not executed. */
  last: boolean
  /** Nobody reads on after this. */
  over: boolean
}

/** A Verdict is what follows from a Reading. */
export type LostWriteVerdict =
  { do: 'take'; id: number } | { do: 'read-on' } | { do: 'give-up'; candidates: readonly number[] } | { do: 'repeat' }

/** Which record, if any, an attempt has made. Pure: `read-back.ts` does what it says. */
export function matchLostWrite(reading: ReadBackResult): LostWriteVerdict {
  const { same, similar, beyond, inFlight, inFlightOther, undecided, givenUp, last, over } = reading
  const giveUp: LostWriteVerdict = { do: 'give-up', candidates: same.length > 0 ? same : similar }
  const unlessLater = (isLate: boolean, then: LostWriteVerdict): LostWriteVerdict => (isLate ? then : { do: 'read-on' })

  if (same.length > 0) {
    if (inFlight > 0) return unlessLater(over, giveUp)
    // Each of those who look may have made one of these. As long as there are not more than that, all being equal, each may take any;
    // but one that was given up takes none, and then only a full count tells that each has made its own.
    const seekers = 1 + undecided + givenUp
    const fair = same.length <= seekers && (givenUp === 0 || same.length === seekers)
    return fair && !beyond ? { do: 'take', id: same[0]! } : unlessLater(last, giveUp)
  }
  if (!last) return { do: 'read-on' }
  if (beyond) return giveUp
  if (similar.length > 0) return unlessLater(over || inFlightOther === 0, giveUp)
  return { do: 'repeat' }
}
