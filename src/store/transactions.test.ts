import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onEveryEngine } from './engines.fixture.ts'
import type { Store } from './store.ts'

/** A Step is one statement of a transaction; names are few, so that transactions meet. */
type Step = { do: 'set' | 'add' | 'delete'; name: string; value: string } | { do: 'read'; name: string; value: string }

/** A Plan is some transactions that begin at once, each of which commits or gives up. `pauses` says where each lets the others go on. */
type Plan = { steps: Step[]; pauses: number; commits: boolean }[]

const NAMES = ['a', 'b', 'c']
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('set', 'add', 'delete', 'read'),
  name: fc.constantFrom(...NAMES),
  value: fc.string({ maxLength: 3 }).map((text) => text.replaceAll('\0', '')),
})
const plans: fc.Arbitrary<Plan> = fc.array(
  fc.record({ steps: fc.array(step, { maxLength: 6 }), pauses: fc.nat(63), commits: fc.boolean() }),
  { minLength: 2, maxLength: 8 },
)

class GivenUp extends Error {}

/** A Said is what a statement answered: a value that was read, or how many rows it has changed. */
type Said = string | number | undefined

/** What a table says to a step, and what becomes of it: this is what both engines must do. */
function inModel(table: Map<string, string>, { do: what, name, value }: Step): Said {
  if (what === 'read') return table.get(name)
  if (what === 'delete') return table.delete(name) ? 1 : 0
  if (what === 'add' && table.has(name)) return 0
  table.set(name, value)
  return 1
}

async function inStore(trx: Store['db'], { do: what, name, value }: Step): Promise<Said> {
  if (what === 'read') return (await trx.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst())?.value
  if (what === 'delete') return (await trx.deleteFrom('settings').where('name', '=', name).returning('name').execute()).length
  const insert = trx.insertInto('settings').values({ name, value })
  const made =
    what === 'add'
      ? insert.onConflict((conflict) => conflict.doNothing())
      : insert.onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
  return (await made.returning('name').execute()).length
}

onEveryEngine('transactions', (newStore) => {
  let store: Store
  beforeAll(async () => {
    store = await newStore()
    await store.db.insertInto('settings').values({ name: 'gate', value: '' }).execute()
  })
  afterAll(() => store.close())

  test('that run at once do what they would do one after another, and those that give up have done nothing', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        await store.db.deleteFrom('settings').where('name', 'in', NAMES).execute()
        const order: number[] = []
        const said = await Promise.all(
          plan.map(async ({ steps, pauses, commits }, number) => {
            const answers: Said[] = []
            const work = store.transaction(async (trx) => {
              // The transaction that has this row goes first; SQLite has one transaction at a time anyway.
              await trx.selectFrom('settings').select('name').where('name', '=', 'gate').forUpdate().execute()
              order.push(number)
              for (const [at, one] of steps.entries()) {
                if (pauses & (1 << at)) await new Promise((resolve) => setImmediate(resolve))
                answers.push(await inStore(trx, one))
              }
              if (!commits) throw new GivenUp()
            })
            await work.catch((error: unknown) => {
              if (!(error instanceof GivenUp)) throw error
            })
            return answers
          }),
        )
        let table = new Map<string, string>()
        for (const number of order) {
          const { steps, commits } = plan[number]!
          const copy = new Map(table)
          expect(steps.map((one) => inModel(copy, one))).toEqual(said[number])
          if (commits) table = copy
        }
        const rows = await store.db.selectFrom('settings').select(['name', 'value']).where('name', 'in', NAMES).execute()
        expect(new Map(rows.map(({ name, value }) => [name, value]))).toEqual(table)
      }),
      { numRuns: 60 },
    )
  })
})
