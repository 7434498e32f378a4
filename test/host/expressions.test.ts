import { expect, test } from 'vitest'
import { evaluate, expressionsIn } from './expressions.ts'

const scope = {
  trigger: { id: 7, title: "It's", person_id: { name: 'Ada' }, org_id: null },
  bodies: new Map([['Add deal (V2)', { id: 8 }]]),
  now: new Date('2026-02-27T23:30:00Z'),
}

test.each([
  ["@triggerBody()?['id']", 7],
  ["@{triggerBody()?['id']}", '7'],
  ["@triggerBody()?['org_id']?['name']", null],
  ["@triggerBody()?['nothing']", null],
  ["<@{triggerBody()?['org_id']?['name']}>", '<>'],
  ["@{triggerBody()?['title']} of @{triggerBody()?['person_id']?['name']}!", "It's of Ada!"],
  ["@body('Add deal (V2)')?['id']", 8],
  ["/v1/deals/@{encodeURIComponent(triggerBody()?['title'])}", "/v1/deals/It's"],
  ["@addDays(utcNow(), 2, 'yyyy-MM-dd')", '2026-03-01'],
  ['ada@example.com', 'ada@example.com'],
])('%s gives what a run of a flow would send', (text, value) => expect(evaluate(text, scope)).toEqual(value))

test('expressions are found at any depth, those in arguments too', () =>
  expect(expressionsIn({ a: ["@{encodeURIComponent(triggerBody()?['id'])}"], b: 'none' })).toEqual([
    { call: 'encodeURIComponent', args: [{ call: 'triggerBody', args: [], path: ['id'] }], path: [] },
    { call: 'triggerBody', args: [], path: ['id'] },
  ]))

test.each([
  ["@body('Later')?['id']", 'The step Later has not run'],
  ["@{uriComponent('x')}", 'The function uriComponent is not known'],
  ["@addDays(utcNow(), 1, 'd.M.')", 'The format d.M. is not known'],
  ["@{triggerBody()?['id'] + 1}", '"}" is missing'],
  ["@triggerBody()?['id'] + 1", 'What follows is no expression'],
  ['@concat(1 2)', '"," or ")" is missing'],
])('%s is refused', (text, message) => expect(() => evaluate(text, scope)).toThrow(message))
