import { expect, test } from 'vitest'
import { isLoopback } from './is-loopback.ts'

test.each(['localhost', '127.0.0.1', '127.8.9.1', '::1', new URL('http://[::1]:80/').hostname])('%s is of this machine', (hostname) => {
  expect(isLoopback(hostname)).toBe(true)
})
test.each(['127.example.com', '10.0.0.1', '::2', 'localhost.example.com', ''])('%j is not', (hostname) => {
  expect(isLoopback(hostname)).toBe(false)
})
