import fc from 'fast-check'

/** Who acts in a history: two users of one company; `bob` does not see what `alice` keeps private, `alice` sees everything. */
export type Actor = 'alice' | 'bob'

/** A Visible record is one record as the world shows it; the history keeps its own book of it, from what it told the world to do. */
export interface NewRecord {
  owner: Actor
  private: boolean
  /** Seconds between the moment that the id and add_time were given and the moment that anybody can read the record. */
  lateSeconds: number
}

export interface PollResponse {
  status: number
  ids: number[]
  state: string | undefined
  retryAfterSeconds: number
  tokens: number
}

/** A World is a Pipedrive company with a connector in front, and one trigger of it. */
export interface HistoryWorld {
  nowSeconds(): number
  advance(seconds: number): void
  /** Everything of this history that exists before it begins, oldest first: public, and created an hour before. */
  past: readonly { id: number; owner: Actor }[]
  create(births: NewRecord[]): Promise<number[]>
  remove(id: number): Promise<void>
  restore?(id: number): Promise<void>
  /** Not every kind of record can be archived. */
  setArchived?(id: number, archived: boolean): Promise<void>
  setOwner(id: number, owner: Actor): Promise<void>
  setPrivate(id: number, isPrivate: boolean): Promise<void>
  /** Whether a former owner still sees what became private: Pipedrive lets owners follow. */
  ownersFollow: boolean
  /** A new instance of the connector with the same ring. */
  restart(): Promise<void>
  /** A new instance whose ring signs with a new key and still verifies the older ones. */
  rotateKeys(): Promise<void>
  poll(actor: Actor, state: string | undefined): Promise<PollResponse>
  /** Whether the trigger answers only the records of the key's user. */
  mineOnly: boolean
}

export type Step =
  /** `size` records of which each follows the next birth of the pattern, over and over. */
  | { do: 'create'; size: number; pattern: NewRecord[] }
  | { do: 'wait'; seconds: number }
  | { do: 'poll'; lost: boolean; afterSeconds: number }
  | { do: 'catch up' | 'poll too early' | 'restart' | 'rotate keys' | 'change key' }
  | { do: 'delete' | 'restore' | 'archive' | 'un-archive' | 're-assign' | 'hide' | 'show'; pick: number }

const actor = fc.constantFrom<Actor>('alice', 'bob')
/** Mostly at once, often within a minute, sometimes at the edge of the ten minutes or beyond it. */
const lateSeconds = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 2, arbitrary: fc.integer({ min: 61, max: 620 }) },
  { weight: 1, arbitrary: fc.integer({ min: 621, max: 3_000 }) },
)
const birth = fc.record<NewRecord>({ owner: actor, private: fc.boolean(), lateSeconds })
const created = (pattern: NewRecord[], size = pattern.length): Step => ({ do: 'create', size, pattern })
const some = fc.array(birth, { minLength: 1, maxLength: 6 }).map((births) => created(births))
/** An import. */
const burst = (min: number, max: number) =>
  fc.tuple(fc.array(birth, { minLength: 1, maxLength: 8 }), fc.integer({ min, max })).map(([pattern, size]) => created(pattern, size))

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
  /** Which of the worlds: see `polling-histories.test.ts`. */
  kind: number
}

export const histories: fc.Arbitrary<History> = fc.record({
  steps: fc.oneof({ weight: 15, arbitrary: steps }, { weight: 1, arbitrary: withImport }),
  kind: fc.nat(),
})
