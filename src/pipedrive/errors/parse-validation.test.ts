import { expect, test } from 'vitest'
import { parseValidation } from './parse-validation.ts'

test.each([
  ['one field', 'Validation failed: owner_id: User not found or not accessible.', [['owner_id', 'User not found or not accessible.']]],
  [
    'several fields',
    "Validation failed: user_id: Parameter 'user_id' is not allowed; value: Expected number",
    [
      ['user_id', "Parameter 'user_id' is not allowed"],
      ['value', 'Expected number'],
    ],
  ],
  [
    'a semicolon in a text',
    'Validation failed: title: Too long; shorten it; value: Bad',
    [
      ['title', 'Too long; shorten it'],
      ['value', 'Bad'],
    ],
  ],
  ['a colon in a text', 'Validation failed: due_time: Wrong: use HH:MM', [['due_time', 'Wrong: use HH:MM']]],
  ['a nested field', 'Validation failed: participants[0].person_id: Missing', [['participants[0].person_id', 'Missing']]],
  ['a part without a field', "Validation failed: Parameter 'include_fields' is not allowed", []],
  ['another text', 'Deal title must be given.', []],
  ['nothing', '', []],
])('%s', (_, text, details) => {
  expect(parseValidation(text)).toEqual(details.map(([field, message]) => ({ field, message })))
})
