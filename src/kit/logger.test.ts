import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'
import { Secret } from './secret.ts'

function setUp() {
  const lines: string[] = []
  return { lines, logger: createLogger('info', { write: (line) => void lines.push(line) }) }
}

test('an error in a log line has stack, code and causes, and nothing else that libraries hang on it', () => {
  const { lines, logger } = setUp()
  const statement = Object.assign(new Error('duplicate key'), {
    code: '23505',
    params: ['Secret merger'],
    detail: 'Key (title)=(Secret merger)',
  })
  const request = Object.assign(new AggregateError([new Error('connect ECONNREFUSED 127.0.0.1:1')], 'no way', { cause: statement }), {
    request: { headers: { 'x-api-token': 'hidden' } },
  })
  logger.error({ error: request }, 'failed')
  const { error } = JSON.parse(lines.join()) as { error: string }
  for (const part of ['no way', 'logger.test.ts', 'ECONNREFUSED', 'caused by: Error: duplicate key', '(23505)'])
    expect(error).toContain(part)
  for (const part of ['Secret merger', 'hidden']) expect(error).not.toContain(part)
})

test('an error handed over bare, or under the name err, is treated alike; a text stays as it is', () => {
  const { lines, logger } = setUp()
  const error = Object.assign(new Error('why'), { params: ['hidden'] })
  logger.error(error)
  logger.error({ err: error }, 'x')
  logger.error({ error: 'a text' }, 'x')
  expect(lines.map((line) => (JSON.parse(line) as { err?: string }).err?.split('\n')[0])).toEqual(['Error: why', 'Error: why', undefined])
  expect(lines.at(-1)).toContain('"error":"a text"')
  expect(lines.join()).not.toContain('hidden')
})

test('a secret in a log line is not shown', () => {
  const { lines, logger } = setUp()
  logger.info({ key: new Secret('hidden'), inside: { key: new Secret('hidden') } }, 'x')
  expect(lines.join()).toContain('"key":"[secret]","inside":{"key":"[secret]"}')
})
