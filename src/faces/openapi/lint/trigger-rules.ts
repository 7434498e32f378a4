import { sources, type Json, type Problem, type Rule } from './rule.ts'
import { bodyProperties, isObject, operationsOf, resolved, schemasOf, say } from './walk.ts'

const NEXT_LINKS = ['nextLink', '@odata.nextLink']

const answerOf = (document: Json, responses: [string, Json][]): Json | undefined => {
  const schema = responses.find(([status]) => status === '200')?.[1]['schema']
  return isObject(schema) ? resolved(document, schema) : undefined
}

/** What triggers must be like, those that are asked and those that call back. */
export const triggerRules: readonly Rule[] = [
  {
    id: 'trigger-answer',
    source: sources.extensions,
    *check(document) {
      for (const { at, operation, responses } of operationsOf(document)) {
        const kind = operation['x-ms-trigger']
        if (kind === undefined) continue
        if (kind !== 'single' && kind !== 'batch') yield [at, `"${say(kind)}" is no kind of trigger`]
        const type = answerOf(document, responses)?.['type']
        if (kind === 'batch' && operation['x-ms-notification-content'] === undefined && type !== 'array')
          yield [at, 'is a batch, and answers no array']
      }
    },
  },
  {
    id: 'trigger-nothing-new',
    source: sources.polling,
    check: (document) =>
      operationsOf(document)
        .filter(
          ({ method, operation, responses }) =>
            method === 'get' && operation['x-ms-trigger'] && !responses.some(([status]) => status === '202'),
        )
        .map(({ at }): Problem => [at, 'does not say that it may answer 202']),
  },
  {
    id: 'trigger-hint',
    source: sources.extensions,
    *check(document) {
      for (const { at, operation } of operationsOf(document)) {
        const hint = operation['x-ms-trigger-hint']
        if (operation['x-ms-trigger'] && (typeof hint !== 'string' || !/[.。]$/.test(hint)))
          yield [at, 'gives no hint of how to see it work, in a sentence']
        if (!operation['x-ms-trigger'] && hint !== undefined) yield [at, 'hints at a trigger that it is not']
      }
    },
  },
  {
    id: 'webhook',
    source: sources.webhook,
    *check(document) {
      for (const { at, item, parameters } of operationsOf(document)) {
        const urls = bodyProperties(document, parameters).filter(([, schema]) => schema['x-ms-notification-url'] === true)
        const content = item['x-ms-notification-content'] !== undefined
        if (urls.length > 0 && !content) yield [at, 'takes a callback, and does not say what it sends there']
        if (urls.length > 1) yield [at, 'takes more than one callback']
        for (const [reference, schema] of urls) if (schema['type'] !== 'string') yield [at, `${reference} is no string`]
      }
      const sent = operationsOf(document).filter(({ item }) => item['x-ms-notification-content'] !== undefined)
      for (const path of new Set(sent.map((o) => o.path)))
        if (
          !sent.some(
            (o) => o.path === path && bodyProperties(document, o.parameters).some(([, schema]) => schema['x-ms-notification-url'] === true),
          )
        )
          yield [path, 'says what is sent to a callback, and takes none']
    },
  },
  {
    id: 'notification-url',
    source: sources.webhook,
    check: (document) =>
      schemasOf(document)
        .filter(({ schema }) => 'in' in schema && schema['in'] !== 'body' && schema['x-ms-notification-url'] !== undefined)
        .map(({ at }): Problem => [at, 'takes a callback outside of the body']),
  },
  {
    id: 'pageable',
    source: sources.extensions,
    check: (document) =>
      operationsOf(document)
        .filter(
          ({ operation }) => isObject(operation['x-ms-pageable']) && !NEXT_LINKS.includes(say(operation['x-ms-pageable']['nextLinkName'])),
        )
        .map(({ at }): Problem => [at, 'names its next page otherwise than hosts read it']),
  },
]
