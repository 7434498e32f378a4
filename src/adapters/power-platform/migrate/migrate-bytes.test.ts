import { expect, test } from 'vitest'
import { CERTIFIED } from './certified.ts'
import { template } from './exports.fixture.ts'
import { migrate } from './migrate.ts'

const MANAGED =
  "[concat('/subscriptions/', subscription().subscriptionId, '/providers/Microsoft.Web/locations/', parameters('location'), '/managedApis/pipedrive')]"

test('a migration keeps byte order mark, line ends, blanks, numbers and escapes as they are', () => {
  const odd = template((json) => (json['metadata'] = { number: 'NUMBER', text: 'TEXT' }))
    .replace('"NUMBER"', '12345678901234567890.500e+007')
    .replace('"TEXT"', String.raw`"\u00e9\/\ud83d\ude00\u003c ' \t"`)
    .replaceAll('": ', '"\t :  ')
  const given = `\uFEFF${odd.replaceAll('\n', '\r\n')}\r\n\r\n`
  const there = migrate({ name: 'app.json', bytes: Buffer.from(given), from: CERTIFIED, to: 'dealbridge' }).output!
  const back = Buffer.from(migrate({ name: 'app.json', bytes: there, from: 'dealbridge', to: MANAGED }).output!)
  expect(back.equals(Buffer.from(given))).toBe(true)
  const lines = (text: string) => text.split('\r\n')
  const changed = lines(Buffer.from(there).toString()).filter((line, at) => line !== lines(given)[at])
  expect(changed).toHaveLength(4)
  for (const line of changed) expect(line).toMatch(/customApis|"dealbridge"/)
})
