import { expect, test } from 'vitest'
import { isSupported } from './node-version.ts'

test.each([
  ['22.19.0', true],
  ['22.19.1', true],
  ['22.20.0', true],
  ['24.0.0', true],
  ['100.0.0', true],
  ['22.18.9', false],
  ['22.3.0', false],
  ['20.20.2', false],
  ['9.0.0', false],
])('Node %s with >=22.19.0: %s', (version, supported) => {
  expect(isSupported(version, '>=22.19.0')).toBe(supported)
})
