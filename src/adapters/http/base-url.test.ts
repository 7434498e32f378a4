import { expect, test } from 'vitest'
import { baseUrl } from './base-url.ts'

const request = (headers: Record<string, string> = {}, url = 'http://bridge.example:8080/x?y=z'): Request => new Request(url, { headers })
const forwarded = {
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'flows.example.com',
  'x-forwarded-prefix': '/pipedrive/',
}

test('without a proxy the base URL is what the request asked for', () => {
  expect(baseUrl(request(), false)).toBe('http://bridge.example:8080')
  expect(baseUrl(request({ host: 'other.example' }), false)).toBe('http://other.example')
  expect(baseUrl(request({ host: '[::1]:8080' }), false)).toBe('http://[::1]:8080')
})

test('what a trusted proxy forwards replaces scheme and host, and adds the prefix', () => {
  expect(baseUrl(request(forwarded), true)).toBe('https://flows.example.com/pipedrive')
  expect(baseUrl(request({ 'x-forwarded-proto': 'https' }), true)).toBe('https://bridge.example:8080')
})

test('the same headers from anybody else change nothing', () => {
  expect(baseUrl(request(forwarded), false)).toBe('http://bridge.example:8080')
})

test('behind several proxies the first entry counts', () => {
  const headers = { 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'flows.example.com, inner:8080' }
  expect(baseUrl(request(headers), true)).toBe('https://flows.example.com')
})

test.each(['a b', 'evil.example/path', 'user@evil.example', 'evil.example:port', 'evil.example?', 'evil.example#', '-', '"evil"', ''])(
  'the Host %j never becomes part of a link',
  (host) => {
    expect(() => baseUrl(request({ host }), false)).toThrow('The request’s header Host'.replace('’', "'"))
  },
)

test.each([
  ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example/x' }],
  ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example:99999' }],
  ['X-Forwarded-Host', { 'x-forwarded-host': '999.999.999.999' }],
  ['X-Forwarded-Host', { 'x-forwarded-host': '[::::]' }],
  ['X-Forwarded-Proto', { 'x-forwarded-proto': 'javascript' }],
  ['X-Forwarded-Prefix', { 'x-forwarded-prefix': '//evil.example' }],
  ['X-Forwarded-Prefix', { 'x-forwarded-prefix': '/a?b' }],
])('an unusable %s is a 400 even from a trusted proxy', (header, headers) => {
  expect(() => baseUrl(request(headers), true)).toThrow(header)
})
