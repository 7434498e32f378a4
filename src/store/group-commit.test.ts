import { expect, test } from 'vitest'
import { eventually } from '../kit/eventually.fixture.ts'
import { StoreUnavailable } from './errors/store-unavailable.ts'
import { createGroupCommit } from './group-commit.ts'

test('what arrives together is saved together, and each gets its own answer', async () => {
  const groups: number[][] = []
  const group = createGroupCommit<number, string>({
    save: async (items) => {
      groups.push([...items])
      return items.map((item) => `saved ${item}`)
    },
  })
  expect(await Promise.all([1, 2, 3].map((item) => group.write(item)))).toEqual(['saved 1', 'saved 2', 'saved 3'])
  expect(groups).toEqual([[1, 2, 3]])
})

test('no caller is answered before the group is saved; callers that arrive meanwhile share the next one', async () => {
  const gates: PromiseWithResolvers<void>[] = []
  const group = createGroupCommit<number, number>({
    save: async (items) => {
      const gate = Promise.withResolvers<void>()
      gates.push(gate)
      await gate.promise
      return items
    },
  })
  const answered: number[] = []
  const write = (item: number) => group.write(item).then(() => answered.push(item))
  void write(1)
  await eventually(() => expect(gates.length).toBe(1))
  void write(2)
  void write(3)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect([gates.length, answered]).toEqual([1, []])
  gates[0]!.resolve()
  await eventually(() => expect(gates.length).toBe(2))
  expect(answered).toEqual([1])
  gates[1]!.resolve()
  await group.drain()
  await eventually(() => expect(answered).toEqual([1, 2, 3]))
})

test('who writes again as soon as they are answered is not forgotten', async () => {
  const group = createGroupCommit<number, number>({ save: (items) => Promise.resolve(items) })
  let sum = 0
  for (let item = 1; item <= 100; item++) sum += await group.write(item)
  expect(sum).toBe(5_050)
})

test('an item that cannot be saved does not fail the others', async () => {
  const group = createGroupCommit<number, number>({
    save: async (items) => {
      if (items.includes(2)) throw new Error('not this one')
      return items
    },
  })
  const all = await Promise.allSettled([1, 2, 3].map((item) => group.write(item)))
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('a database that is away fails all at once, after one more try where an item may be there twice', async () => {
  for (const mayRepeat of [false, true]) {
    let tries = 0
    const group = createGroupCommit<number, number>({
      mayRepeat,
      save: () => Promise.reject(new StoreUnavailable(new Error(String(++tries)))),
    })
    const all = await Promise.allSettled([1, 2, 3].map((item) => group.write(item)))
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(tries).toBe(mayRepeat ? 2 : 1)
  }
})
