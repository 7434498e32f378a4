import { sql } from 'kysely'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onEveryEngine } from './engines.fixture.ts'
import { jsonText } from './json-text.ts'
import type { Store } from './store.ts'

onEveryEngine('jsonText', (newStore) => {
  let store: Store
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  const kept = async (value: unknown) =>
    (
      await sql<{
        json: string
      }>`select cast(v.json as text) as json from ${store.engine.rows({ json: 'json' }, [{ json: jsonText(value) }])}`.execute(store.db)
    ).rows.map(({ json }) => JSON.parse(json) as unknown)[0]

  test('zero characters are left out and halves of characters replaced, in names too; what only looks like them stays', async () => {
    expect(await kept({ 'a\0b': ['x\0y', '\ud800z', 'z\udc00', '😀', String.raw`\u0000`, String.raw`\ud800`] })).toEqual({
      ab: ['xy', '\ufffdz', 'z\ufffd', '😀', String.raw`\u0000`, String.raw`\ud800`],
    })
  })

  test('the database takes all that JSON can hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ stringUnit: 'binary' }), async (json) => {
        await kept(JSON.parse(json))
      }),
      { numRuns: 60 },
    )
  })
})
