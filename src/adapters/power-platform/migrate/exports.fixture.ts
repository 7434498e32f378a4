import { zipSync, type Zippable } from 'fflate'
import type { Json } from './run-migrate.fixture.ts'

/** Exports as the hosts write them, with other connectors too, and with Pipedrive's steps in every possible place. */

/** How one kind of host writes the inputs of a step. */
type ExportedCall = (connector: 'pipedrive' | 'office365' | 'sharepointonline', operation: string, parameters?: Json) => Json

export const FLOW = '5f0f7b3a-58c1-4e7a-9a86-0f2f6d1c7a11'
export const REFERENCE = 'cr5ba_sharedpipedrive_1a2b3'
export const OURS = 'shared_new-5fdealbridge-5f1a2b3c4d5e6f7a8b'
const SCHEMA = 'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#'
const ID = '/providers/Microsoft.PowerApps/apis/'

const after = (name?: string) => (name === undefined ? {} : { [name]: ['Succeeded'] })

const definition = (call: ExportedCall, type: string): Json => ({
  $schema: SCHEMA,
  contentVersion: '1.0.0.0',
  parameters: { $connections: { defaultValue: {}, type: 'Object' }, $authentication: { defaultValue: {}, type: 'SecureObject' } },
  triggers: {
    'When_a_new_deal_is_added_(V2)': {
      recurrence: { interval: 5, frequency: 'Minute' },
      splitOn: '@triggerBody()',
      type,
      inputs: call('pipedrive', 'TrigNewDealV2'),
    },
  },
  actions: {
    Get_items: {
      runAfter: after(),
      type,
      inputs: call('sharepointonline', 'GetItems', { dataset: 'https://contoso.sharepoint.com/sites/sales' }),
    },
    Scope: {
      type: 'Scope',
      runAfter: after('Get_items'),
      actions: {
        Condition: {
          type: 'If',
          expression: { and: [{ greater: ["@triggerBody()?['value']", 1000] }] },
          actions: {
            Add_activity: {
              type,
              runAfter: after(),
              inputs: call('pipedrive', 'AddActivity', { 'body/type': 'call', 'body/subject': "Größer: @{triggerBody()?['title']}" }),
            },
          },
          else: {
            actions: {
              Update_deal_status: {
                type,
                runAfter: after(),
                inputs: call('pipedrive', 'UpdateDealStatus', { dealId: "@triggerBody()?['id']", 'body/status': 'lost' }),
              },
            },
          },
          runAfter: after(),
        },
      },
    },
    Apply_to_each: {
      type: 'Foreach',
      foreach: "@outputs('Get_items')?['body/value']",
      runAfter: after('Scope'),
      actions: {
        Switch: {
          type: 'Switch',
          expression: "@items('Apply_to_each')?['Kind/Value']",
          cases: {
            Case: {
              case: 'Deal',
              actions: { Get_deal_by_id: { type, runAfter: after(), inputs: call('pipedrive', 'GetDeal', { dealId: 42 }) } },
            },
          },
          default: {
            actions: {
              'Send_an_email_(V2)': {
                type,
                runAfter: after(),
                inputs: call('office365', 'SendEmailV2', { 'emailMessage/To': 'sales@contoso.com' }),
              },
            },
          },
        },
      },
    },
    Compose: {
      type: 'Compose',
      runAfter: after('Apply_to_each'),
      inputs: "@parameters('$connections')['shared_pipedrive']['connectionId']",
    },
  },
  outputs: {},
})

const powerCall: ExportedCall = (connector, operationId, parameters = {}) => ({
  host: { connectionName: `shared_${connector}`, operationId, apiId: `${ID}shared_${connector}` },
  parameters,
  authentication: "@parameters('$authentication')",
})

/** A fixed time, so that the same fixture is the same bytes; zip times have a resolution of 2 s. */
const mtime = new Date(2026, 2, 4, 5, 6, 8)

export const zipOf = (files: Record<string, string | Uint8Array>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, [Buffer.from(content), { mtime }]])) satisfies Zippable)

/** As "Export package (.zip)" writes it: compact JSON. */
export function flowPackageFiles(change: (flow: Json) => void = () => {}): Record<string, string> {
  const names = ['pipedrive', 'office365', 'sharepointonline']
  const guid = (name: string, what: string) => `${what}0000000-0000-4000-8000-${String(names.indexOf(name)).padStart(12, '0')}`
  const titles: Record<string, string> = { pipedrive: 'Pipedrive', office365: 'Office 365 Outlook', sharepointonline: 'SharePoint' }
  const resources = {
    [FLOW]: {
      type: 'Microsoft.Flow/flows',
      suggestedCreationType: 'New',
      creationType: 'Existing, New, Update',
      details: { displayName: 'New deals – Pipedrive' },
      configurableBy: 'User',
      hierarchy: 'Root',
      dependsOn: names.flatMap((name) => [guid(name, 'a'), guid(name, 'c')]),
    },
    ...Object.fromEntries(
      names.flatMap((name) => [
        [
          guid(name, 'a'),
          {
            id: `${ID}shared_${name}`,
            name: `shared_${name}`,
            type: 'Microsoft.PowerApps/apis',
            suggestedCreationType: 'Existing',
            details: {
              displayName: titles[name],
              iconUri: `https://connectoricons-prod.azureedge.net/releases/v1.0.1714/${name}/icon.png`,
            },
            configurableBy: 'System',
            hierarchy: 'Child',
            dependsOn: [],
          },
        ],
        [
          guid(name, 'c'),
          {
            type: 'Microsoft.PowerApps/apis/connections',
            suggestedCreationType: 'Existing',
            creationType: 'Existing',
            details: { displayName: `${name}@contoso.com` },
            configurableBy: 'User',
            hierarchy: 'Child',
            dependsOn: [guid(name, 'a')],
          },
        ],
      ]),
    ),
  }
  const flow: Json = {
    name: 'e1b2c3d4-0000-4000-8000-000000000001',
    id: '/providers/Microsoft.Flow/flows/e1b2c3d4-0000-4000-8000-000000000001',
    type: 'Microsoft.Flow/flows',
    properties: {
      apiId: `${ID}shared_logicflows`,
      displayName: 'New deals – Pipedrive',
      definition: definition(powerCall, 'OpenApiConnection'),
      connectionReferences: Object.fromEntries(
        names.map((name) => [
          `shared_${name}`,
          { connectionName: `shared-${name}-0a1b2c3d`, source: 'Invoker', id: `${ID}shared_${name}`, tier: 'NotSpecified', apiName: name },
        ]),
      ),
      flowFailureAlertSubscribed: false,
      isManaged: false,
    },
  }
  change(flow)
  const map = (what: string) => JSON.stringify(Object.fromEntries(names.map((name) => [`shared_${name}`, guid(name, what)])))
  return {
    'Microsoft.Flow/flows/manifest.json': JSON.stringify({ packageSchemaVersion: '1.0', flowAssets: { assetPaths: [FLOW] } }),
    [`Microsoft.Flow/flows/${FLOW}/definition.json`]: JSON.stringify(flow),
    [`Microsoft.Flow/flows/${FLOW}/apisMap.json`]: map('a'),
    [`Microsoft.Flow/flows/${FLOW}/connectionsMap.json`]: map('c'),
    'manifest.json': JSON.stringify({
      schema: '1.0',
      details: { displayName: 'New deals – Pipedrive', creator: 'N/A', sourceEnvironment: '' },
      resources,
    }),
  }
}

export const WORKFLOW = `Workflows/Newdeals-${FLOW.toUpperCase()}.json`

/** As a solution export writes it: JSON with Windows line ends, XML with a byte order mark, a binary canvas app. */
export function solutionFiles(
  change: { flow?: (flow: Json) => void; more?: Record<string, string | Uint8Array>; managed?: boolean } = {},
): Record<string, string | Uint8Array> {
  const logical = { pipedrive: REFERENCE, office365: 'cr5ba_sharedoffice365_4c5d6', sharepointonline: 'cr5ba_sharedsharepointonline_7e8f9' }
  const flow: Json = {
    properties: {
      connectionReferences: Object.fromEntries(
        Object.entries(logical).map(([name, connectionReferenceLogicalName]) => [
          `shared_${name}`,
          { runtimeSource: 'embedded', connection: { connectionReferenceLogicalName }, api: { name: `shared_${name}` } },
        ]),
      ),
      definition: definition(powerCall, 'OpenApiConnection'),
    },
    schemaVersion: '1.0.0.0',
  }
  change.flow?.(flow)
  const elements = Object.entries(logical).map(
    ([name, logicalName]) => `    <connectionreference connectionreferencelogicalname="${logicalName}">
      <connectionreferencedisplayname>${name} of sales</connectionreferencedisplayname>
      <connectorid>${ID}shared_${name}</connectorid>
      <iscustomizable>1</iscustomizable>
      <promptingbehavior>0</promptingbehavior>
      <statecode>0</statecode>
      <statuscode>1</statuscode>
    </connectionreference>`,
  )
  return {
    'solution.xml': `\uFEFF<ImportExportXml version="9.2.26014.164" SolutionPackageVersion="9.2" languagecode="1033" generatedBy="CrmLive">
  <SolutionManifest>
    <UniqueName>Sales</UniqueName>
    <Version>1.0.0.3</Version>
    <Managed>${change.managed ? 1 : 0}</Managed>
    <RootComponents>
      <RootComponent type="29" id="{${FLOW}}" behavior="0" />
      <RootComponent type="10158" schemaName="${REFERENCE}" behavior="0" />
    </RootComponents>
    <MissingDependencies />
  </SolutionManifest>
</ImportExportXml>`,
    'customizations.xml': `\uFEFF<ImportExportXml xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <!-- <connectionreference connectionreferencelogicalname="x"><connectorid>${ID}shared_pipedrive</connectorid></connectionreference> -->
  <Workflows>
    <Workflow WorkflowId="{${FLOW}}" Name="New deals"><JsonFileName>/${WORKFLOW}</JsonFileName></Workflow>
  </Workflows>
  <connectionreferences>
${elements.join('\n')}
  </connectionreferences>
</ImportExportXml>`,
    '[Content_Types].xml': '<Types><Default Extension="json" ContentType="application/octet-stream" /></Types>',
    [WORKFLOW]: JSON.stringify(flow, null, 2).replaceAll('\n', '\r\n'),
    'CanvasApps/cr5ba_sales_BackgroundImageUri': Buffer.from([0xff, 0xd8, 0xff, 0x00, 0xc0]),
    ...change.more,
  }
}

const paths: Record<string, [method: string, path: string]> = {
  TrigNewDealV2: ['get', '/connector-v2/trigger/v1/deals'],
  AddActivity: ['post', '/v1/activities'],
  UpdateDealStatus: ['put', "/update_status_deal/v1/deals/@{encodeURIComponent(triggerBody()?['id'])}"],
  GetDeal: ['get', "/v1/deals/@{encodeURIComponent(concat('{', '/'))}"],
  GetItems: ['get', "/datasets/@{encodeURIComponent(encodeURIComponent('https://contoso.sharepoint.com'))}/tables/x/items"],
  SendEmailV2: ['post', '/v2/Mail'],
}
const azureCall =
  (host: (connector: string) => Json): ExportedCall =>
  (connector, operation, body) => ({
    host: { connection: host(connector) },
    method: paths[operation]![0],
    path: paths[operation]![1],
    ...(body && { body }),
  })

const inConsumption = azureCall((name) => ({ name: `@parameters('$connections')['${name}']['connectionId']` }))
const inStandard = azureCall((referenceName) => ({ referenceName }))

const managed = (name: string) =>
  `[concat('/subscriptions/', subscription().subscriptionId, '/providers/Microsoft.Web/locations/', parameters('location'), '/managedApis/${name}')]`

/** A template as the portal and its extractors write it. */
export function template(change: (template: Json) => void = () => {}): string {
  const names = ['pipedrive', 'office365', 'sharepointonline']
  const json: Json = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: { location: { type: 'string', defaultValue: '[resourceGroup().location]' }, pipedrive_key: { type: 'securestring' } },
    variables: { sharepoint_id: managed('sharepointonline') },
    resources: [
      {
        type: 'Microsoft.Logic/workflows',
        apiVersion: '2019-05-01',
        name: 'new-deals',
        location: "[parameters('location')]",
        dependsOn: names.map((name) => `[resourceId('Microsoft.Web/connections', '${name}')]`),
        properties: {
          state: 'Enabled',
          definition: definition(inConsumption, 'ApiConnection'),
          parameters: {
            $connections: {
              value: Object.fromEntries(
                names.map((name) => [
                  name,
                  {
                    connectionId: `[resourceId('Microsoft.Web/connections', '${name}')]`,
                    connectionName: name,
                    id: name === 'sharepointonline' ? "[variables('sharepoint_id')]" : managed(name),
                  },
                ]),
              ),
            },
          },
        },
      },
      ...names.map((name) => ({
        type: 'Microsoft.Web/connections',
        apiVersion: '2016-06-01',
        name,
        location: "[parameters('location')]",
        properties: {
          displayName: name,
          api: { id: managed(name), name, type: 'Microsoft.Web/locations/managedApis' },
          ...(name === 'pipedrive' && { parameterValues: { api_key: "[parameters('pipedrive_key')]" } }),
        },
      })),
    ],
  }
  change(json)
  return JSON.stringify(json, null, 4) + '\n'
}

export const standardWorkflow = (): string =>
  JSON.stringify({ definition: definition(inStandard, 'ApiConnection'), kind: 'Stateful' }, null, 2)

const GROUP = "/subscriptions/@{appsetting('WORKFLOWS_SUBSCRIPTION_ID')}"

export const connectionsFile = (): string => {
  const connection = (name: string) => ({
    api: { id: `${GROUP}/providers/Microsoft.Web/locations/@{appsetting('WORKFLOWS_LOCATION_NAME')}/managedApis/${name}` },
    connection: {
      id: `${GROUP}/resourceGroups/@{appsetting('WORKFLOWS_RESOURCE_GROUP_NAME')}/providers/Microsoft.Web/connections/${name}-7`,
    },
    connectionRuntimeUrl: `@appsetting('${name}-connectionRuntimeUrl')`,
    authentication: { type: 'ManagedServiceIdentity' },
  })
  // The apostrophes escaped, as .NET does.
  const json = {
    managedApiConnections: { pipedrive: connection('pipedrive'), office365: connection('office365') },
    serviceProviderConnections: {},
  }
  return JSON.stringify(json, null, 2).replaceAll("'", '\\u0027')
}
