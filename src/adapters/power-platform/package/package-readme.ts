import type { Auth } from '../../openapi/security.ts'

const CONNECTION: Record<Auth, string> = {
  key: 'A connection takes one thing: an API key, sent in the header `x-api-key`. It is a personal API token of Pipedrive, or a connection key (`dbk_…`) of the connector.',
  basic:
    'A connection takes a name and a password (HTTP Basic). The name may be anything; the password is a personal API token of Pipedrive, or a connection key (`dbk_…`) of the connector. ' +
    'This variant is for the on-premises data gateway, which lets no API key through: after the import, edit the connector and tick "Connect via on-premises data gateway".',
}

/** The files of the package, and which way to import them is for whom. */
export const packageReadme = (url: string, auth: Auth): string => `# Pipedrive, by Dealbridge

A custom connector for Power Automate, Power Apps, Logic Apps and Copilot Studio. It calls ${url}, which must be reachable from there.

${CONNECTION[auth]}

| file                              | for                                                                                    |
| --------------------------------- | -------------------------------------------------------------------------------------- |
| \`dealbridge_solution_managed.zip\` | an environment in which the connector is used: Solutions > Import                      |
| \`dealbridge_solution.zip\`         | an environment in which it is changed; the same, unmanaged                             |
| \`apiDefinition.swagger.json\`      | Custom connectors > Import an OpenAPI file, and a Logic Apps custom connector          |
| \`apiProperties.json\`, \`icon.png\`  | the command lines, together with the definition                                        |
| \`settings.json\`                   | \`paconn create --settings settings.json\`, and \`paconn update\` with the connector's id  |

With the Power Platform command line:

    pac connector create --api-definition-file apiDefinition.swagger.json --api-properties-file apiProperties.json --icon-file icon.png

Import the connector before any solution with flows that use it. A new definition reaches existing flows when the connector was updated and the flow is opened and saved.
`
