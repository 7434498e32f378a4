import { expect, test } from 'vitest'
import { chooseEncoding } from './compress.ts'

test.each([
  [undefined, undefined],
  ['', undefined],
  ['identity', undefined],
  ['gzip', 'gzip'],
  ['GZIP', 'gzip'],
  ['x-gzip', 'gzip'],
  ['br', 'br'],
  ['gzip, deflate, br, zstd', 'br'],
  ['deflate, zstd', undefined],
  ['*', 'br'],
  ['br;q=0, *', 'gzip'],
  ['gzip;q=0', undefined],
  ['gzip;q=0, br;q=0.0', undefined],
  ['gzip ; q=1.0 , br ; q=0.5', 'gzip'],
  ['gzip;q=0.5, *;q=0', 'gzip'],
  ['gzip;q=x', undefined],
  ['gzippy, brx', undefined],
])('Accept-Encoding: %s asks for %s', (accepted, encoding) => {
  expect(chooseEncoding(accepted)).toBe(encoding)
})
