import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEdits, decodeText } from './edit.ts'
import { editString, forEachString, parseJsonText, stringAt, type JsonNode, type JsonString } from './json-text.ts'

const stringsOf = (node: JsonNode): JsonString[] => {
  const found: JsonString[] = []
  forEachString(node, (_, string) => found.push(string))
  return found
}
const change = (text: string, after: string, ...path: string[]) =>
  applyEdits(text, [editString(text, stringAt(parseJsonText(text, 'x'), ...path)!, after)])

test('only the part of a string that differs is written; the rest keeps its escapes, spaces, lines and byte order mark', () => {
  const text = '\uFEFF{\r\n\t"a" : [ 1.50,-2E+3 ] ,"b":{"c":"\\u0027x\\/apis\\/old\\u0027"}, "\\u0064":null}\r\n'
  expect(change(text, "'x/apis/new'", 'b', 'c')).toBe(text.replace('old', 'new'))
})

test('a new text is escaped as JSON wants it', () => {
  expect(change('{"a":"x"}', 'a "quote"\\', 'a')).toBe('{"a":"a \\"quote\\"\\\\"}')
  expect(change('{"a":"\\ud83d\\ude00 \u{1F600}"}', '\u{1F600} x', 'a')).toBe('{"a":"\\ud83d\\ude00 x"}')
})

test('an edited text says what it should, for any JSON, any string in it and any new text', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.nat(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(undefined, 2, '\t'),
      (value, pick, after, indent) => {
        const text = JSON.stringify(value, null, indent)
        const strings = stringsOf(parseJsonText(text, 'x'))
        if (strings.length === 0) return
        const node = strings[pick % strings.length]!
        const edited = applyEdits(text, [editString(text, node, after)])
        const wanted = text.slice(0, node.start) + JSON.stringify(after) + text.slice(node.end)
        expect(JSON.parse(edited)).toEqual(JSON.parse(wanted))
      },
    ),
  )
})

test('the places are those of the text, for any JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const node = parseJsonText(text, 'x')
      expect([node.start, node.end]).toEqual([0, text.length])
      for (const found of stringsOf(node)) expect(JSON.parse(text.slice(found.start, found.end))).toBe(found.value)
    }),
  )
})

test('edits that overlap are a defect, and say so', () => {
  const edit = { start: 0, end: 2, text: '', before: '', after: '' }
  expect(() => applyEdits('abc', [edit, { ...edit, start: 1 }])).toThrow('overlap')
})

test('a text that is no UTF-8 is refused', () =>
  expect(() => decodeText(Buffer.from('{}', 'utf16le').fill(0xff, 1), 'a.json')).toThrow('a.json is not UTF-8'))
