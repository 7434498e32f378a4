import type { Locale } from '../../../catalog/locales/en.ts'
import type { Label } from '../../../catalog/locales/locales.ts'
import type { Auth } from '../../openapi/security.ts'
import { BRAND_COLOR } from './icon.ts'

/** A ConnectionParameter is one field of the form in which a user creates a connection. */
export interface ConnectionParameter {
  type: 'securestring'
  uiDefinition: {
    displayName: string
    description: string
    tooltip: string
    /** `required` is a text in the hosts' format; `clearText` shows what the user types. */
    constraints: { tabIndex: number; clearText: boolean; required: 'true' }
  }
}

export type ConnectionParameters = Record<string, ConnectionParameter>

const parameter = ({ summary, description }: Label, tabIndex: number, clearText: boolean): ConnectionParameter => ({
  type: 'securestring',
  uiDefinition: { displayName: summary, description, tooltip: description, constraints: { tabIndex, clearText, required: 'true' } },
})

/** The names that the wizard of custom connectors gives to the two kinds of security. */
export function connectionParameters(auth: Auth, { connection }: Locale): ConnectionParameters {
  return auth === 'key'
    ? { api_key: parameter(connection.api_key, 2, false) }
    : { username: parameter(connection.user_name, 2, true), password: parameter(connection.password, 3, false) }
}

/** An ApiProperties is apiProperties.json: the properties of a connector that are not in its definition. */
export interface ApiProperties {
  properties: {
    connectionParameters: ConnectionParameters
    iconBrandColor: string
    capabilities: readonly string[]
    policyTemplateInstances: readonly object[]
  }
}

/** Without policies: they work only in Power Automate, so the connector itself does everything that they could do. */
export const apiProperties = (auth: Auth, locale: Locale): ApiProperties => ({
  properties: {
    connectionParameters: connectionParameters(auth, locale),
    iconBrandColor: BRAND_COLOR,
    capabilities: [],
    policyTemplateInstances: [],
  },
})
