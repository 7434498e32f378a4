import { expect, test } from 'vitest'
import * as z from 'zod'
import { defineAction } from '../define.ts'
import type { trigDealWon } from '../contract/triggers/changed-deal.ts'
import type { trigNewDeal } from '../contract/triggers/new-deal.ts'
import { id } from '../inputs.ts'
import { fieldRules } from '../mapping.ts'
import { defineShape } from '../shape.ts'
import { label, type DefinitionTexts, type LocaleTexts, type OperationTexts } from './locales.ts'

/** An operation as a contributor adds it. tsc reads this file: an expected error that does not occur fails `npm run check`. */
const Answer = defineShape('GetColorResponse', z.object({ name: z.string(), paint: z.object({ shop: z.string() }) }))
const getColor = defineAction({
  set: 'deals',
  id: 'GetColor',
  method: 'GET',
  path: '/v1/colors/{colorId}',
  effect: 'read',
  input: z.object({ colorId: id() }),
  output: Answer,
  fields: {
    name: fieldRules<{ name: string; shop: string }>().field('name'),
    paint: fieldRules<{ name: string; shop: string }>().derived('activeFlag', ({ shop }) => ({ shop })),
  },
  run: () => Promise.resolve({ name: 'red', paint: { shop: 'Main Street' } }),
})
const a = label('A', 'A text.')

test('an operation or a parameter without a text does not compile', () => {
  const complete: OperationTexts<typeof getColor> = { GetColor: { ...a, parameters: { colorId: a } } }
  expect(Object.keys(complete)).toEqual([getColor.id])
  // @ts-expect-error -- GetColor has no text
  const noText: OperationTexts<typeof getColor> = {}
  // @ts-expect-error -- colorId has no label
  const noLabel: OperationTexts<typeof getColor> = { GetColor: { ...a, parameters: {} } }
  // @ts-expect-error -- no parameter has this name
  const mistyped: OperationTexts<typeof getColor> = { GetColor: { ...a, parameters: { colorId: a, colourId: a } } }
  expect([noText, noLabel, mistyped]).toHaveLength(3)
})

test('a field of an answer without a label does not compile', () => {
  const complete: DefinitionTexts<typeof getColor> = { GetColorResponse: { name: a, paint: a, 'paint.shop': a } }
  expect(Object.keys(complete)).toEqual([Answer.shapeName])
  // @ts-expect-error -- the field inside the object has no label
  const shallow: DefinitionTexts<typeof getColor> = { GetColorResponse: { name: a, paint: a } }
  // @ts-expect-error -- GetColorResponse has no labels
  const none: DefinitionTexts<typeof getColor> = {}
  expect([shallow, none]).toHaveLength(2)
})

test('a trigger needs its hint, its instant version and the field of the callback, and a deprecated operation its replacement', () => {
  const filters = { pipeline_id: a, stage_id: a, owner_id: a }
  const polled = { ...a, hint: 'Win a deal.', parameters: filters }
  const complete: OperationTexts<typeof trigDealWon> = {
    TrigDealWon: polled,
    TrigDealWonInstant: { ...polled, parameters: { ...filters, callbackUrl: a } },
  }
  expect(Object.keys(complete)).toEqual(['TrigDealWon', 'TrigDealWonInstant'])
  // @ts-expect-error -- the instant version has no text
  const noInstant: OperationTexts<typeof trigDealWon> = { TrigDealWon: polled }
  // @ts-expect-error -- callbackUrl has no label
  const noCallback: OperationTexts<typeof trigDealWon> = { TrigDealWon: polled, TrigDealWonInstant: polled }
  // @ts-expect-error -- there is no hint
  const noHint: OperationTexts<typeof trigNewDeal> = { TrigNewDeal: { ...a, deprecation: 'Use another one.', parameters: {} } }
  // @ts-expect-error -- there is no word about the replacement
  const noDeprecation: OperationTexts<typeof trigNewDeal> = { TrigNewDeal: { ...a, hint: 'Add a deal.', parameters: {} } }
  expect([noInstant, noCallback, noHint, noDeprecation]).toHaveLength(4)
})

test('the operation that ends subscriptions needs its texts', () => {
  type End = Pick<LocaleTexts['operations'], 'EndSubscription'>
  // @ts-expect-error -- location has no label
  const noLocation: End = { EndSubscription: { ...a, parameters: { trigger: a } } }
  expect(noLocation.EndSubscription.parameters.trigger).toBe(a)
})

test('a mapping or a look-up that names no note about a source does not compile', () => {
  // @ts-expect-error -- there is no such note
  expect(fieldRules<{ name: string }>().derived('because', ({ name }) => name)).toMatchObject({ kind: 'derived' })
})
