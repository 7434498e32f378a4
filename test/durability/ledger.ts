import type { Actor, PollResponse, NewRecord, HistoryWorld } from './histories.ts'

/** The rule that the host is promised: what can be read within ten minutes of its creation comes. */
const TEN_MINUTES = 600

interface Entry {
  id: number
  owner: Actor
  private: boolean
  deleted: boolean
  archived: boolean
  /** Whether bob was ever its owner. */
  wasBobs: boolean
  addedAt: number
  readableAt: number
}

/** What must come with an answer, and what may. Between the two lies what the promise leaves open. */
export interface Expectation {
  must: number[]
  may: Set<number>
  /** Of `must`, what an answer with more waiting must hold up to its last id: late ones may have to wait until the backlog is gone. */
  inOrder: number[]
}

/**
 * A Book is the history's own account of one chain of acknowledged answers: every record with its whole life, an unlimited memory of
 * what was shown, and no idea of pages, windows, watermarks or floors.
 */
export class PollingLedger {
  readonly #entries = new Map<number, Entry>()
  readonly #mineOnly: boolean
  readonly #ownersFollow: boolean
  /** Answered, or passed over for good: history, somebody else's, hidden for too long. */
  readonly #settled = new Set<number>()
  /** Changed while more was waiting: nobody outside can know on which side of the answer the change fell. */
  readonly #open = new Set<number>()
  readonly #waiting = new Set<number>()
  #highest = 0
  #lastAnswered = 0
  #lastFullLook = 0
  #behind = false

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
        wasBobs: owner === 'bob',
        addedAt,
        readableAt: addedAt,
      })
    }
  }

  born(ids: readonly number[], births: readonly NewRecord[], now: number): void {
    for (const [i, id] of ids.entries()) {
      const { owner, private: isPrivate, lateSeconds } = births[i]!
      this.#entries.set(id, {
        id,
        owner,
        private: isPrivate,
        deleted: false,
        archived: false,
        wasBobs: owner === 'bob',
        addedAt: now,
        readableAt: now + lateSeconds,
      })
    }
  }

  /** One that exists and can be read, by somebody; recent ones more often than old ones. */
  pick(number: number, now: number, fits: (entry: Entry) => boolean): number | undefined {
    const ids = [...this.#entries.values()].filter((entry) => entry.readableAt <= now && fits(entry)).map(({ id }) => id)
    return ids[ids.length - 1 - (number % Math.min(ids.length, number % 2 ? 12 : ids.length))]
  }

  change(id: number, change: Partial<Entry>): void {
    const entry = Object.assign(this.#entries.get(id)!, change)
    entry.wasBobs ||= entry.owner === 'bob'
    if (this.#behind) this.#open.add(id)
  }

  keyChanged(): void {
    if (this.#behind) for (const id of this.#entries.keys()) this.#open.add(id)
  }

  /** Whether anything came to light after `from`. A record that did at that very second may have been too late for the answer. */
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
      (actor === 'alice' || !entry.private || entry.owner === actor || (this.#ownersFollow && entry.wasBobs))
    )
  }

  #isOurs(actor: Actor, entry: Entry): boolean {
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
      if (this.#settled.has(id) || !this.#isOurs(actor, entry)) continue
      const isAbove = id > this.#highest
      if (isAbove || this.#waiting.has(id) || addedAt >= this.#lastFullLook - TEN_MINUTES || this.#open.has(id)) may.add(id)
      // Beyond the promise: neither an answer that was lost nor a host that was away costs a record that was late at the last full look.
      const lateSince = (this.#behind ? now : this.#lastFullLook) - TEN_MINUTES
      if ((isAbove || this.#waiting.has(id) || addedAt >= lateSince) && !this.#open.has(id)) must.push(id)
    }
    return { must, may, inOrder: must.filter((id) => id > this.#lastAnswered) }
  }

  /** The host has this answer and goes on from it. */
  acknowledge(actor: Actor, now: number, { ids }: Pick<PollResponse, 'ids'>, behind: boolean, first: boolean): void {
    const { must } = this.expected(actor, now)
    const visible = this.#visible(actor, now)
    for (const id of ids) this.#settled.add(id)
    this.#lastAnswered = Math.max(this.#lastAnswered, ...ids)
    this.#highest = visible.reduce((highest, { id }) => Math.max(highest, id), this.#highest)
    this.#behind = behind && !first
    if (this.#behind) {
      for (const id of must) if (!this.#settled.has(id)) this.#waiting.add(id)
      for (const entry of visible) if (!this.#isOurs(actor, entry)) this.#open.add(entry.id)
      return
    }
    this.#lastFullLook = now
    this.#lastAnswered = this.#highest
    // What waited and cannot be seen just now is neither answered nor passed over.
    for (const id of this.#waiting) this.#open.add(id)
    this.#waiting.clear()
    for (const { id } of visible) {
      this.#settled.add(id)
      this.#open.delete(id)
    }
  }
}
