import { expect, test } from 'vitest'
import { openManagement } from './management.ts'

const open = (url: string | undefined, env: NodeJS.ProcessEnv = { DEALBRIDGE_TOKEN: 'a-token-of-somebody' }) => {
  const notes: string[] = []
  openManagement({ url, data: '/nowhere', env, stop: new AbortController().signal, note: (text) => notes.push(text) })
  return notes
}

test.each(['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080', 'https://flows.test'])('a token may go to %s', (url) => {
  expect(open(url)).toEqual([])
})

test('that a token goes over the network unencrypted is said', () => {
  expect(open('http://flows.test/bridge')).toEqual([expect.stringContaining('The token goes to http://flows.test unencrypted')])
})

test.each([undefined, '', 'flows.test', 'ftp://flows.test', 'https://flows.test/?a=b'])('%j is no address of a server', (url) => {
  expect(() => open(url)).toThrow(/^--url: .* is not an http or https URL without query$/)
})

test('a token that no header can carry is refused and not shown', () => {
  expect(() => open('https://flows.test', { DEALBRIDGE_TOKEN: 'two words' })).toThrow(/^DEALBRIDGE_TOKEN holds characters/)
})

test('without a token the message says where to find one', () => {
  expect(() => open('https://flows.test', {})).toThrow('there is no /nowhere/admin-token')
})
