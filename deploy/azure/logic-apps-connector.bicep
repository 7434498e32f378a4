// The connector as a Logic Apps custom connector, in the region of the logic apps that use it. First write the package beside this file:
//
//   npx dealbridge package --host connector.example.com --out deploy/azure/package
//   az deployment group create --resource-group RG --template-file deploy/azure/logic-apps-connector.bicep
//
// Everything comes from the package: with --auth basic it is a connector for the on-premises data gateway, with --locale ja a Japanese one.

@description('The name of the resource.')
param name string = 'dealbridge'

@description('The region of the logic apps: those of other regions do not see it.')
param location string = resourceGroup().location

@description('A public URL, should the portal not show the picture that lies in the package.')
param iconUri string = ''

var definition = loadJsonContent('package/apiDefinition.swagger.json')
var icon = 'data:image/png;base64,${loadFileAsBase64('package/icon.png')}'
var apiProperties = loadJsonContent('package/apiProperties.json').properties

resource connector 'Microsoft.Web/customApis@2016-06-01' = {
  name: name
  location: location
  properties: {
    apiType: 'Rest'
    displayName: definition.info.title
    description: definition.info.description
    iconUri: empty(iconUri) ? icon : iconUri
    brandColor: apiProperties.iconBrandColor
    capabilities: apiProperties.capabilities
    // Beside the type it says what the form shows, which Bicep's own description of the resource does not know.
    connectionParameters: any(apiProperties.connectionParameters)
    backendService: { serviceUrl: 'https://${definition.host}${definition.basePath}' }
    swagger: definition
  }
}

output connectorId string = connector.id
