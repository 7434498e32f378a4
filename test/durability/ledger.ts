import type { Actor, PollResponse, NewRecord, HistoryWorld } from './histories.ts'

/** The guarantee to the host: a record that becomes readable within ten minutes of its creation is returned. */
const TEN_MINUTES = 600

interface Entry {
  id: number
  owner: Actor
  private: boolean
  deleted: boolean
  archived: boolean
  /** Whether bob ever owned it. */
  everOwnedByBob: boolean
  addedAt: number
  readableAt: number
}

/** The ids that a response must contain, and those that it may. The guarantee leaves the difference open. */
export interface Expectation {
  must: number[]
  may: Set<number>
  /** The ids of `must` that a response with more to come must contain up to its last id. Late records may have to wait for the end of the backlog. */
  inOrder: number[]
}

/**
 * A PollingLedger is an independent model of one chain of acknowledged responses. It keeps every record and every id that was returned, and
 * knows nothing of pages, windows, high-water marks or floors.
 */
export class PollingLedger {
  readonly #entries = new Map<number, Entry>()
  readonly #mineOnly: boolean
  readonly #ownersFollow: boolean
  /** Returned, or permanently skipped: created before the first poll, owned by another user, or hidden for too long. */
  readonly #settled = new Set<number>()
  /** Changed while more was to come: a caller cannot know on which side of the response the change fell. */
  readonly #undetermined = new Set<number>()
  readonly #backlog = new Set<number>()
  #highest = 0
  #lastReturned = 0
  #lastFullScan = 0
  #hasMore = false

  constructor({ past, mineOnly, ownersFollow, nowSeconds }: HistoryWorld) {
    this.#mineOnly = mineOnly
    this.#ownersFollow = ownersFollow
    const addedAt = nowSeconds() - 3_600
    for (const { id, owner } of past) {
      this.#entries.set(id, {
        id,
        owner,
        private: false,
        deleted: false,
        archived: false,
        everOwnedByBob: owner === 'bob',
        addedAt,
        readableAt: addedAt,
      })
    }
  }

  recordCreated(ids: readonly number[], newRecords: readonly NewRecord[], now: number): void {
    for (const [i, id] of ids.entries()) {
      const { owner, private: isPrivate, lateSeconds } = newRecords[i]!
      this.#entries.set(id, {
        id,
        owner,
        private: isPrivate,
        deleted: false,
        archived: false,
        everOwnedByBob: owner === 'bob',
        addedAt: now,
        readableAt: now + lateSeconds,
      })
    }
  }

  /** Picks a readable record; recent ones more often than old ones. */
  pick(number: number, now: number, fits: (entry: Entry) => boolean): number | undefined {
    const ids = [...this.#entries.values()].filter((entry) => entry.readableAt <= now && fits(entry)).map(({ id }) => id)
    return ids[ids.length - 1 - (number % Math.min(ids.length, number % 2 ? 12 : ids.length))]
  }

  change(id: number, change: Partial<Entry>): void {
    const entry = Object.assign(this.#entries.get(id)!, change)
    entry.everOwnedByBob ||= entry.owner === 'bob'
    if (this.#hasMore) this.#undetermined.add(id)
  }

  keyChanged(): void {
    if (this.#hasMore) for (const id of this.#entries.keys()) this.#undetermined.add(id)
  }

  /** Whether any record became readable since `from`. One that did in that very second may have been too late for the response. */
  anyReadableSince(from: number, now: number): boolean {
    return [...this.#entries.values()].some((entry) => entry.readableAt >= from && entry.readableAt <= now)
  }

  owner(id: number): Actor {
    return this.#entries.get(id)!.owner
  }

  countReadable(actor: Actor, now: number, since: number): number {
    return [...this.#entries.values()].filter((entry) => this.#sees(actor, entry, now) && entry.addedAt >= since).length
  }

  #sees(actor: Actor, entry: Entry, now: number): boolean {
    return (
      entry.readableAt <= now &&
      !entry.deleted &&
      !entry.archived &&
      (actor === 'alice' || !entry.private || entry.owner === actor || (this.#ownersFollow && entry.everOwnedByBob))
    )
  }

  #isMatch(actor: Actor, entry: Entry): boolean {
    return !this.#mineOnly || entry.owner === actor
  }

  #visible(actor: Actor, now: number): Entry[] {
    return [...this.#entries.values()].filter((entry) => this.#sees(actor, entry, now))
  }

  expected(actor: Actor, now: number): Expectation {
    const must: number[] = []
    const may = new Set<number>()
    for (const entry of this.#visible(actor, now)) {
      const { id, addedAt } = entry
      if (this.#settled.has(id) || !this.#isMatch(actor, entry)) continue
      const isAbove = id > this.#highest
      if (isAbove || this.#backlog.has(id) || addedAt >= this.#lastFullScan - TEN_MINUTES || this.#undetermined.has(id)) may.add(id)
      // More than the guarantee: a lost response or an absent host loses no record that was late at the last full scan.
      const lookbackFrom = (this.#hasMore ? now : this.#lastFullScan) - TEN_MINUTES
      if ((isAbove || this.#backlog.has(id) || addedAt >= lookbackFrom) && !this.#undetermined.has(id)) must.push(id)
    }
    return { must, may, inOrder: must.filter((id) => id > this.#lastReturned) }
  }

  /** The host received this response and continues from it. */
  acknowledge(actor: Actor, now: number, { ids }: Pick<PollResponse, 'ids'>, hasMore: boolean, first: boolean): void {
    const { must } = this.expected(actor, now)
    const visible = this.#visible(actor, now)
    for (const id of ids) this.#settled.add(id)
    this.#lastReturned = Math.max(this.#lastReturned, ...ids)
    this.#highest = visible.reduce((highest, { id }) => Math.max(highest, id), this.#highest)
    this.#hasMore = hasMore && !first
    if (this.#hasMore) {
      for (const id of must) if (!this.#settled.has(id)) this.#backlog.add(id)
      for (const entry of visible) if (!this.#isMatch(actor, entry)) this.#undetermined.add(entry.id)
      return
    }
    this.#lastFullScan = now
    this.#lastReturned = this.#highest
    // A record of the backlog that is not visible now is neither returned nor skipped.
    for (const id of this.#backlog) this.#undetermined.add(id)
    this.#backlog.clear()
    for (const { id } of visible) {
      this.#settled.add(id)
      this.#undetermined.delete(id)
    }
  }
}
