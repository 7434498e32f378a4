import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonFault } from './json-fault.ts'

test.each([
  ['{"title": }', 'line 1, column 11: "}" is not expected here'],
  ['{"title": "x",\n "value": abc}', 'line 2, column 11: "a" is not expected here'],
  ['{"a":1,}', 'line 1, column 8: "}" is not expected here'],
  ['{"a":1 "b":2}', 'line 1, column 8: a text is not expected here; is a comma or a colon missing before it?'],
  ['{a:1}', 'line 1, column 2: "a" is not expected here'],
  ['{"a":[1,]}', 'line 1, column 9: "]" is not expected here'],
  ['{"a":1}}', 'line 1, column 8: "}" is not expected here'],
  ['{"a":01}', 'line 1, column 7: "1" is not expected here'],
  ['{"a":', 'line 1, column 6: it ends too early'],
  ['{"a":"x', 'line 1, column 6: this text has no closing quote, or holds a line break or a wrong escape'],
  ['', 'line 1, column 1: it ends too early'],
  ['“x”', 'line 1, column 1: "“" is not expected here'],
])('%j stops being JSON at %s', (text, fault) => {
  expect(jsonFault(text)).toBe(fault)
})

test('a fault is never placed before the end of what can still become JSON', () => {
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', '}', ']', ',', ':', '"', 'x', '\u0001', '0'))
    .map(([json, at, junk]) => json.slice(0, at % (json.length + 1)) + junk)
  fc.assert(
    fc.property(damaged, (text) => {
      try {
        JSON.parse(text)
        return
      } catch (error) {
        const known = /at position (\d+)/.exec((error as Error).message)?.[1]
        const column = Number(/column (\d+)/.exec(jsonFault(text))?.[1])
        expect(column).toBeLessThanOrEqual(text.length + 1)
        // For an error inside a string the parser names the bad character, this function the start of the string.
        if (known !== undefined && !/string|escape/i.test((error as Error).message)) expect(column - 1).toBeLessThanOrEqual(Number(known))
      }
    }),
    { numRuns: 500 },
  )
})

test('a megabyte of nonsense is no problem', () => {
  expect(jsonFault('['.repeat(1_000_000))).toBe('line 1, column 1000001: it ends too early')
  expect(jsonFault(`"${'x'.repeat(1_000_000)}`)).toMatch('column 1: this text has no closing quote')
})
