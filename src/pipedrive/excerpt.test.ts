import { expect, test } from 'vitest'
import { Secret } from '../kit/secret.ts'
import { excerpt } from './excerpt.ts'

const key = new Secret('0123456789abcdef+/=')

test('an echoed key is removed in every form, before the text is cut', () => {
  const text = `token 0123456789abcdef+/= and 0123456789ABCDEF+/= and 0123456789abcdef%2B%2F%3D`
  expect(excerpt(text, key)).toBe('token [key] and [key] and [key]')
  expect(excerpt('x'.repeat(295) + key.reveal(), key)).not.toContain('0123')
  expect(excerpt('<b>0123456789<i>abcdef+/=</i></b>', key)).not.toContain('0123456789abcdef')
})

test('a page is cut down to what a person can read', () => {
  const page =
    '<!DOCTYPE html>\n<!--[if lt IE 7]> <html class="ie6"> <![endif]-->\n<html lang="en"><head><style>body{}</style>' +
    '<script>alert(1)</script><title>Attention Required! | Cloudflare</title></head></html>'
  expect(excerpt(page, key)).toBe('<html><head> <title>Attention Required! | Cloudflare</title></head></html>')
})

test('a text is one line, without control characters, and short', () => {
  expect(excerpt('a\r\n\u0000b\u2028c\td', key)).toBe('a b c d')
  expect(excerpt('x'.repeat(5_000), key)).toHaveLength(300)
})
