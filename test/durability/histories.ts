import fc from 'fast-check'

/** Two users of one company. `alice` sees everything; `bob` does not see the private records of `alice`. */
export type Actor = 'alice' | 'bob'

/** A NewRecord is a record that a history creates. */
export interface NewRecord {
  owner: Actor
  private: boolean
  /** Seconds from the assignment of id and add_time until the record is readable. */
  lateSeconds: number
}

export interface PollResponse {
  status: number
  ids: number[]
  state: string | undefined
  retryAfterSeconds: number
  tokens: number
}

/** A HistoryWorld is a Pipedrive company behind a connector, and one of its triggers. */
export interface HistoryWorld {
  nowSeconds(): number
  advance(seconds: number): void
  /** The records that exist before the history starts, oldest first: public, and created an hour before. */
  past: readonly { id: number; owner: Actor }[]
  create(newRecords: NewRecord[]): Promise<number[]>
  remove(id: number): Promise<void>
  restore?(id: number): Promise<void>
  /** Missing if the kind of record cannot be archived. */
  setArchived?(id: number, archived: boolean): Promise<void>
  setOwner(id: number, owner: Actor): Promise<void>
  setPrivate(id: number, isPrivate: boolean): Promise<void>
  /** Whether a former owner still sees a record that became private: Pipedrive makes owners followers. */
  ownersFollow: boolean
  /** Starts a new instance of the connector with the same key ring. */
  restart(): Promise<void>
  /** Starts a new instance whose key ring signs with a new key and still verifies older signatures. */
  rotateKeys(): Promise<void>
  poll(actor: Actor, state: string | undefined): Promise<PollResponse>
  /** Whether the trigger returns only the records of the key's user. */
  mineOnly: boolean
}

export type Step =
  /** Creates `size` records, repeating the pattern. */
  | { do: 'create'; size: number; pattern: NewRecord[] }
  | { do: 'wait'; seconds: number }
  | { do: 'poll'; lost: boolean; afterSeconds: number }
  | { do: 'catch up' | 'poll too early' | 'restart' | 'rotate keys' | 'change key' }
  | { do: 'delete' | 'restore' | 'archive' | 'un-archive' | 're-assign' | 'hide' | 'show'; pick: number }

const actor = fc.constantFrom<Actor>('alice', 'bob')
/** Mostly zero, often under a minute, sometimes near or beyond ten minutes. */
const lateSeconds = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 2, arbitrary: fc.integer({ min: 61, max: 620 }) },
  { weight: 1, arbitrary: fc.integer({ min: 621, max: 3_000 }) },
)
const newRecord = fc.record<NewRecord>({ owner: actor, private: fc.boolean(), lateSeconds })
const created = (pattern: NewRecord[], size = pattern.length): Step => ({ do: 'create', size, pattern })
const some = fc.array(newRecord, { minLength: 1, maxLength: 6 }).map((newRecords) => created(newRecords))
/** An import. */
const burst = (min: number, max: number) =>
  fc.tuple(fc.array(newRecord, { minLength: 1, maxLength: 8 }), fc.integer({ min, max })).map(([pattern, size]) => created(pattern, size))

const pick = fc.nat(10_000)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: some },
  { weight: 1, arbitrary: burst(101, 260) },
  {
    weight: 20,
    arbitrary: fc.record<Step & { do: 'poll' }>({
      do: fc.constant('poll'),
      lost: fc.constantFrom(false, false, false, true),
      afterSeconds: fc.oneof(fc.constant(120), fc.integer({ min: 116, max: 500 }), fc.integer({ min: 501, max: 90_000 })),
    }),
  },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 900 }).map((seconds): Step => ({ do: 'wait', seconds })) },
  {
    weight: 6,
    arbitrary: fc.constantFrom<Step>(
      { do: 'catch up' },
      { do: 'poll too early' },
      { do: 'restart' },
      { do: 'rotate keys' },
      { do: 'change key' },
    ),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constantFrom('delete', 'restore', 'archive', 'un-archive', 're-assign', 'hide', 'show'),
      pick,
    }),
  },
)

const steps = fc.array(step, { minLength: 4, maxLength: 26, size: 'max' })
/** One history in sixteen has an import of more than six windows in it. */
const withImport = fc
  .tuple(steps, burst(601, 700), fc.nat())
  .map(([before, large, where]): Step[] => before.toSpliced(where % (before.length + 1), 0, large))

export interface History {
  steps: Step[]
  /** Selects the world: see `polling-histories.test.ts`. */
  kind: number
}

export const histories: fc.Arbitrary<History> = fc.record({
  steps: fc.oneof({ weight: 15, arbitrary: steps }, { weight: 1, arbitrary: withImport }),
  kind: fc.nat(),
})
