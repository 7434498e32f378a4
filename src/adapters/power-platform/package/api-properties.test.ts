import { expect, test } from 'vitest'
import { en } from '../../../catalog/locales/en.ts'
import { ja } from '../../../catalog/locales/ja.ts'
import { apiProperties, connectionParameters } from './api-properties.ts'

test('a connection with an API key asks for it alone, and hides what is typed', () => {
  for (const locale of [en, ja]) {
    const { summary, description } = locale.connection.api_key
    const constraints = { tabIndex: 2, clearText: false, required: 'true' }
    expect(connectionParameters('key', locale)).toEqual({
      api_key: { type: 'securestring', uiDefinition: { displayName: summary, description, tooltip: description, constraints } },
    })
  }
})

test('one with HTTP Basic asks for a name, which can be read, and then for the key, which cannot', () => {
  const { username, password } = connectionParameters('basic', en)
  expect([username, password]).toMatchObject([
    { uiDefinition: { displayName: 'Name (anything)', constraints: { tabIndex: 2, clearText: true, required: 'true' } } },
    { uiDefinition: { displayName: 'API Key', constraints: { tabIndex: 3, clearText: false, required: 'true' } } },
  ])
})

test('there are no policies, which would work in Power Automate alone', () => {
  const { capabilities, policyTemplateInstances } = apiProperties('key', en).properties
  expect([capabilities, policyTemplateInstances]).toEqual([[], []])
})
