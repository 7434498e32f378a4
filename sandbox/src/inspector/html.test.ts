import { expect, test } from 'vitest'
import { html } from './html.ts'

test('a text is escaped, in elements and in attributes', () => {
  expect(String(html`<b title="${`"><script>'`}">${'<i>&'}</b>`)).toBe('<b title="&quot;&gt;&lt;script&gt;&#39;">&lt;i&gt;&amp;</b>')
})

test('nested markup is not escaped, lists are joined, null and false are empty', () => {
  const cells = ['a', '<b>'].map((cell) => html`<td>${cell}</td>`)
  expect(String(html`${cells}${null}${undefined}${false}${0}`)).toBe('<td>a</td><td>&lt;b&gt;</td>0')
})

test('characters that hide or turn the text around are shown as what they are', () => {
  expect(String(html`${'a\u202eb\u0000c\u200bd\te\n'}`)).toBe('a\\u202eb\\u0000c\\u200bd\te\n')
})
