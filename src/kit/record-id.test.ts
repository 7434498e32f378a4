import { expect, test } from 'vitest'
import { recordIdOf } from './record-id.ts'

test('an id of digits is a number, and a UUID stays text', () => {
  expect(['7', '007', '3fa85f64-5717-4562-b3fc-2c963f66afa6', '12345678-1234-1234-1234-123456789012'].map(recordIdOf)).toEqual([
    7,
    7,
    '3fa85f64-5717-4562-b3fc-2c963f66afa6',
    '12345678-1234-1234-1234-123456789012',
  ])
})
