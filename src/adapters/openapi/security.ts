import type { Locale } from '../../catalog/locales/en.ts'

/** How a connection sends its key: in the header, or as the password of HTTP Basic, the only one that the on-premises data gateway forwards. */
export type Auth = 'key' | 'basic'

/** The only place where the two variants of the definition differ. */
export function security(auth: Auth, { connection }: Locale): { securityDefinitions: Record<string, object>; security: object[] } {
  const { api_key, user_name, password } = connection
  return auth === 'key'
    ? {
        securityDefinitions: { api_key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: api_key.description } },
        security: [{ api_key: [] }],
      }
    : {
        securityDefinitions: {
          basic_auth: {
            type: 'basic',
            description: [user_name, password].map(({ summary, description }) => `${summary}: ${description}`).join(' '),
          },
        },
        security: [{ basic_auth: [] }],
      }
}
