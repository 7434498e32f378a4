import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEPTH_MAX, jsonExcess, VALUES_MAX } from './json-excess.ts'

const nested = (depth: number, [open, close]: readonly [string, string]) => open.repeat(depth) + close.repeat(depth)

test.each([
  ['[', ']'],
  ['{"a":', '}'],
  [' [ {"a" : ', '}]'],
] as const)('the depth of %s…%s is limited, closed or not', (open, close) => {
  const levels = open.split(/[[{]/).length - 1
  expect(jsonExcess(nested(DEPTH_MAX / levels, [open, close]))).toBeUndefined()
  const why = expect.stringContaining(`more than ${DEPTH_MAX} levels`) as string
  expect(jsonExcess(nested(DEPTH_MAX / levels + 1, [open, close]))).toEqual(why)
  expect(jsonExcess(open.repeat(DEPTH_MAX / levels + 1))).toEqual(why)
})

test('the number of values is limited, in lists and objects alike', () => {
  const list = (length: number) => JSON.stringify(Array(length).fill(1))
  expect(jsonExcess(list(VALUES_MAX - 1))).toBeUndefined()
  expect(jsonExcess(list(VALUES_MAX))).toContain('values')
  expect(jsonExcess(JSON.stringify(Object.fromEntries(Array.from({ length: VALUES_MAX }, (_, index) => [index, 1]))))).toContain('values')
  expect(jsonExcess(`[${'{},'.repeat(VALUES_MAX / 2)}1]`)).toContain('values')
})

test('brackets and commas inside of texts do not count, with any escapes', () => {
  const text = fc.stringMatching(/^[[\]{},"\\a]{0,60}$/)
  fc.assert(
    fc.property(fc.array(text, { maxLength: 60 }), (texts) => {
      expect(jsonExcess(`{"a":[${texts.map((each) => JSON.stringify(each.repeat(1_000))).join()}]}`)).toBeUndefined()
      // What follows the texts is still counted.
      expect(jsonExcess(`[${texts.map((each) => JSON.stringify(each)).join()}${'['.repeat(DEPTH_MAX)}`)).toContain('levels')
    }),
    { numRuns: 200 },
  )
})

test.each(['"never closed', '"', '\\', '"\\', '"\\"', ']]]]', ''])(
  '%j is no excess: what is wrong with it is for JSON.parse to say',
  (text) => {
    expect(jsonExcess(text)).toBeUndefined()
  },
)
