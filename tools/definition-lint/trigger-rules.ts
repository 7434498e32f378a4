import { sources, type JsonValue, type LintProblem, type LintRule } from './rule.ts'
import { bodyProperties, isObject, NOTIFICATION, operationsOf, type PlacedOperation, resolved, schemasOf, say, strings } from './walk.ts'

const NEXT_LINKS = ['nextLink', '@odata.nextLink']

const answerOf = (document: JsonValue, responses: [string, JsonValue][]): JsonValue | undefined => {
  const schema = responses.find(([status]) => status === '200')?.[1]['schema']
  return isObject(schema) ? resolved(document, schema) : undefined
}

/** Where an operation takes a callback, with the references that `x-ms-dynamic-list` uses. */
const callbacksOf = (document: JsonValue, { parameters }: PlacedOperation) =>
  bodyProperties(document, parameters).filter(([, schema]) => schema['x-ms-notification-url'] === true)
const webhooksOf = (document: JsonValue): PlacedOperation[] => operationsOf(document).filter((o) => callbacksOf(document, o).length > 0)

/** What triggers must be like, those that are asked and those that call back. */
export const triggerRules: readonly LintRule[] = [
  {
    id: 'trigger-answer',
    source: sources.extensions,
    *check(document) {
      for (const { at, item, operation, responses } of operationsOf(document)) {
        const kind = operation['x-ms-trigger']
        if (kind === undefined) continue
        if (kind !== 'single' && kind !== 'batch') yield [at, `"${say(kind)}" is no kind of trigger`]
        const type = answerOf(document, responses)?.['type']
        if (kind === 'batch' && item[NOTIFICATION] === undefined && type !== 'array') yield [at, 'is a batch, and answers no array']
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
        .map(({ at }): LintProblem => [at, 'does not say that it may answer 202']),
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
      for (const webhook of operationsOf(document)) {
        const { at, item } = webhook
        const urls = callbacksOf(document, webhook)
        if (urls.length > 0 && item[NOTIFICATION] === undefined) yield [at, 'takes a callback, and does not say what it sends there']
        if (urls.length > 1) yield [at, 'takes more than one callback']
        for (const [reference, schema] of urls) if (schema['type'] !== 'string') yield [at, `${reference} is no string`]
      }
      const sent = operationsOf(document).filter(({ item }) => item[NOTIFICATION] !== undefined)
      for (const path of new Set(sent.map((o) => o.path)))
        if (!sent.some((o) => o.path === path && callbacksOf(document, o).length > 0))
          yield [path, 'says what is sent to a callback, and takes none']
    },
  },
  {
    id: 'webhook-is-trigger',
    source: sources.webhook,
    check: (document) =>
      webhooksOf(document)
        .filter(({ operation }) => operation['x-ms-trigger'] === undefined)
        .map(({ at }): LintProblem => [at, 'takes a callback, and is no trigger']),
  },
  {
    id: 'webhook-answer',
    source: sources.webhook,
    check: (document) =>
      webhooksOf(document)
        .filter(({ responses }) => !responses.some(([status]) => status === '201'))
        .map(({ at }): LintProblem => [at, 'does not answer 201, whose Location ends it']),
  },
  {
    id: 'webhook-end',
    source: sources.webhook,
    check(document) {
      const webhooks = webhooksOf(document)
      const ends = operationsOf(document).some(
        ({ method, operation }) =>
          method === 'delete' && operation['x-ms-visibility'] === 'internal' && operation['x-ms-trigger'] === undefined,
      )
      return ends ? [] : webhooks.map(({ at }): LintProblem => [at, 'can be ended by no internal DELETE'])
    },
  },
  {
    id: 'notification-content',
    source: sources.validator,
    *check(document) {
      for (const { at, item } of webhooksOf(document)) {
        const content = item[NOTIFICATION]
        if (content === undefined) continue
        if (!isObject(content) || !isObject(content['schema'])) yield [at, 'gives no schema of what it sends']
        if (!isObject(content) || !/[.。]$/.test(say(content['description']))) yield [at, 'does not describe what it sends, in a sentence']
      }
    },
  },
  {
    id: 'notification-url-filled',
    source: sources.extensions,
    *check(document) {
      for (const webhook of webhooksOf(document)) {
        const body = webhook.parameters.find((p) => p['in'] === 'body')
        const required = body && isObject(body['schema']) ? strings(resolved(document, body['schema'])['required']) : []
        for (const [reference, schema] of callbacksOf(document, webhook)) {
          if (schema['x-ms-visibility'] !== 'internal') yield [webhook.at, `${reference} is shown, though hosts fill it in`]
          if (body?.['required'] !== true || !required.includes(reference.split('/')[1]!))
            yield [webhook.at, `${reference} is not required`]
        }
      }
    },
  },
  {
    id: 'webhook-parameters',
    source: sources.validator,
    *check(document) {
      for (const webhook of webhooksOf(document))
        for (const fetch of operationsOf(document).filter((o) => o.path === webhook.path && o.method === 'get'))
          for (const parameter of fetch.parameters) {
            const name = say(parameter['name'])
            const twin = bodyProperties(document, webhook.parameters).find(([reference]) => reference.endsWith(`/${name}`))?.[1]
            if (twin && (twin['type'] !== parameter['type'] || twin['x-ms-visibility'] !== parameter['x-ms-visibility']))
              yield [fetch.at, `"${name}" is of another type or visibility than in ${webhook.at}`]
          }
    },
  },
  {
    id: 'notification-url',
    source: sources.webhook,
    check: (document) =>
      schemasOf(document)
        .filter(({ schema }) => 'in' in schema && schema['in'] !== 'body' && schema['x-ms-notification-url'] !== undefined)
        .map(({ at }): LintProblem => [at, 'takes a callback outside of the body']),
  },
  {
    id: 'pageable',
    source: sources.extensions,
    check: (document) =>
      operationsOf(document)
        .filter(
          ({ operation }) => isObject(operation['x-ms-pageable']) && !NEXT_LINKS.includes(say(operation['x-ms-pageable']['nextLinkName'])),
        )
        .map(({ at }): LintProblem => [at, 'names its next page otherwise than hosts read it']),
  },
]
