import { expect, test } from 'vitest'
import * as z from 'zod'
import { amount, choice, date, duration, boolean, id, labels, dateTime, string, timeOfDay, visibility } from './inputs.ts'

const messageOf = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues[0]?.message

test('an id takes a number or its decimal text', () => {
  expect([42, '42', ' 42 '].map((value) => id().parse(value))).toEqual([42, 42, 42])
})

test.each([0, -1, 1.5, '12abc', '0', '-3', '1.5', true, '9'.repeat(20), 2 ** 60])('%s is not an id', (value) => {
  expect(messageOf(id(), value)).toContain('is not an id')
})

test.each([[id()], [string()], [amount()], [date()], [timeOfDay()], [choice(['a'])], [visibility()], [boolean()]])(
  'no input takes an object or a list',
  (schema) => {
    expect(messageOf(schema, {})).toContain('not an object or a list')
    expect(messageOf(schema, [1])).toContain('not an object or a list')
  },
)

test('a missing value says that it is required', () => {
  expect(z.object({ title: string() }).safeParse({}).error?.issues).toMatchObject([{ path: ['title'], message: 'is required' }])
})

test('a text takes a number or a boolean', () => {
  expect(['a', 5, 1.5, true].map((value) => string().parse(value))).toEqual(['a', '5', '1.5', 'true'])
})

test('a number too large to be told apart from infinity is no text', () => {
  expect(messageOf(string(), JSON.parse('1e400'))).toContain('too large')
})

test('an amount takes decimals, as number or text', () => {
  expect([1250.5, '1250.50', '-3', 0].map((value) => amount().parse(value))).toEqual([1250.5, 1250.5, -3, 0])
  expect(messageOf(amount(), '12,5')).toContain('write it like 1250.50')
})

test('a date takes yyyy-MM-dd or an ISO date-time, and keeps its date as written', () => {
  for (const value of ['2026-11-30', '2026-11-30T23:30:00Z', '2026-11-30T23:30:00.000+09:00', '2026-11-30 23:30:00'])
    expect(date().parse(value)).toBe('2026-11-30')
})

test.each(['30.11.2026', '2026-02-30', '2026-13-01', '11/30/2026', 'tomorrow', 20261130])(
  '%s is not a date, and the message shows one',
  (value) => {
    expect(messageOf(date(), value)).toContain('write it like 2026-11-30')
  },
)

test('a time takes HH:mm or HH:mm:ss and leaves as HH:mm', () => {
  expect(['09:30', '09:30:15'].map((value) => timeOfDay().parse(value))).toEqual(['09:30', '09:30'])
  expect(messageOf(timeOfDay(), '24:00')).toContain('write it like 09:30')
  expect(messageOf(timeOfDay(), '9.30')).toContain('write it like 09:30')
})

test('a duration may be longer than a day', () => {
  expect(duration().parse('36:00')).toBe('36:00')
})

test('a choice ignores case and outer blanks', () => {
  expect(choice(['open', 'won']).parse(' Won ')).toBe('won')
  expect(messageOf(choice(['open', 'won']), 'closed')).toBe('"closed" is not one of "open", "won"')
})

test('visibility takes the two display names and the numbers 1 3 5 7', () => {
  expect(['owner and followers', 'Entire Company', 3, '7'].map((value) => visibility().parse(value))).toEqual([
    'Owner and followers',
    'Entire company',
    3,
    7,
  ])
  expect(messageOf(visibility(), 2)).toContain('is not one of')
})

test('a moment without a zone is UTC, as in API v1', () => {
  expect(['2026-05-15 09:55:02', '2026-05-15T09:55:02Z', '2026-05-15T11:55:02.000+02:00'].map((value) => dateTime().parse(value))).toEqual(
    Array(3).fill('2026-05-15T09:55:02Z'),
  )
})

test('labels take an id, the comma list of API v1, or a list', () => {
  expect([11, '11,12', [11, '12']].map((value) => labels().parse(value))).toEqual([[11], [11, 12], [11, 12]])
  expect(labels().safeParse('Hot').success).toBe(false)
  expect(labels().safeParse({}).success).toBe(false)
})
