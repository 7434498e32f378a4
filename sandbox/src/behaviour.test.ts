import { expect, test } from 'vitest'
import { type Behaviour, checkSwitches, createBehaviour, inventedTexts, switches } from './behaviour.ts'

test('every switch has its default until it is set', () => {
  const behaviour = createBehaviour({ createStatus: 201 })
  expect(behaviour.createStatus).toBe(201)
  expect(behaviour.getDeletedDeal).toBe('served')
  expect(Object.keys(behaviour)).toHaveLength(Object.keys(switches).length + Object.keys(inventedTexts).length)
})

test.each(Object.entries(switches))('%s has a description and an alternative', (_name, point) => {
  expect(point.unknown).toMatch(/\.$/)
  expect(point.alternatives.length).toBeGreaterThan(0)
  expect(point.alternatives).not.toContain(point.default)
})

test('an unknown switch is an error that names the nearest one', () => {
  expect(() => checkSwitches({ creatStatus: 201 })).toThrow('did you mean createStatus?')
})

test('a value that a switch does not have is an error', () => {
  expect(() => checkSwitches({ createStatus: 202 })).toThrow('createStatus is one of 200, 201.')
  expect(() => createBehaviour({ 'text.gone': 1 } as unknown as Partial<Behaviour>)).toThrow('text.gone is a text.')
})
