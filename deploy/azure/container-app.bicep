// The connector as an Azure Container App with its own Azure Database for PostgreSQL, in any Azure cloud: the file names no
// domain of a cloud; every address comes from its resource. docs/deploy.md describes the deployment.
//
//   az deployment group create --resource-group RG --template-file deploy/azure/container-app.bicep \
//     --parameters registryName=REGISTRY keyRing="$KEYS" adminToken="$ADMIN" metricsToken="$METRICS" databasePassword="$PASSWORD"
//
// Use the same keyRing for every deployment: it opens the secrets in the database.

@description('Begins the names of all resources.')
@minLength(3)
@maxLength(20)
param name string = 'dealbridge'

param location string = resourceGroup().location

@description('An Azure Container Registry in the same resource group, which holds the image.')
param registryName string

@description('The image in that registry: name:tag.')
param image string = 'dealbridge:0.1.0'

@description('id:base64 of 32 random bytes (openssl rand -base64 32); several with commas in between, the first one signs and seals.')
@secure()
@minLength(46)
param keyRing string

@description('The token of the owner admin: letters and digits, at least 24 of them.')
@secure()
@minLength(24)
param adminToken string

@description('Opens /metrics and nothing else. Not the admin token.')
@secure()
@minLength(24)
param metricsToken string

@description('Of the database that is made here. Needless with databaseUrl.')
@secure()
param databasePassword string = ''

@description('A PostgreSQL that you have: postgres://user:password@host:5432/database?sslmode=verify-full. Then none is made here.')
@secure()
param databaseUrl string = ''

@description('Where Pipedrive is.')
param upstream string = 'https://api.pipedrive.com'

@description('Where callers reach the connector, when that is a domain of your own: https://connector.example.com')
param publicUrl string = ''

@description('Pipedrive company ids that may pass, with commas in between; empty: all.')
param allowCompanies string = ''

@description('named-only refuses instant triggers to callers without a named connection, whose Pipedrive key would be kept.')
@allowed(['any', 'named-only'])
param subscriptions string = 'any'

@description('microsoft sends events to Power Automate and Logic Apps alone.')
@allowed(['any', 'microsoft'])
param targets string = 'any'

@description('Private addresses, for nobody but the ingress of the environment reaches the app. Narrow it if other apps run there.')
param trustedProxies string = '10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16'

@description('Each takes up to 10 connections of the database.')
@minValue(1)
@maxValue(10)
param maxReplicas int = 2

@description('A size of Azure Database for PostgreSQL flexible server that your region has, and its tier.')
param databaseSku string = 'Standard_B1ms'

@allowed(['Burstable', 'GeneralPurpose', 'MemoryOptimized'])
param databaseTier string = 'Burstable'

@description('The version of PostgreSQL, as your cloud offers it.')
param databaseVersion string = '16'

var port = 8080
var makesDatabase = empty(databaseUrl)
var databaseUser = 'dealbridge'
var databaseName = 'dealbridge'
// The role AcrPull has this id in every cloud.
var acrPull = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: registryName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-identity'
  location: location
}

resource mayPull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, identity.id, acrPull)
  scope: registry
  properties: {
    roleDefinitionId: acrPull
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource logs 'Microsoft.OperationalInsights/workspaces@2022-10-01' = {
  name: '${name}-logs'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
  }
}

resource environment 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: '${name}-environment'
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: logs.properties.customerId
        sharedKey: logs.listKeys().primarySharedKey
      }
    }
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
  }
}

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = if (makesDatabase) {
  name: '${name}-${uniqueString(resourceGroup().id)}'
  location: location
  sku: { name: databaseSku, tier: databaseTier }
  properties: {
    version: databaseVersion
    administratorLogin: databaseUser
    administratorLoginPassword: databasePassword
    storage: { storageSizeGB: 32 }
    backup: { backupRetentionDays: 14, geoRedundantBackup: 'Disabled' }
    highAvailability: { mode: 'Disabled' }
    network: { publicNetworkAccess: 'Enabled' }
  }
}

resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = if (makesDatabase) {
  parent: server
  name: databaseName
}

// 0.0.0.0 stands for "from within Azure", other tenants too: password and TLS guard the rest. For a database in a network of your
// own give databaseUrl.
resource fromAzure 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = if (makesDatabase) {
  parent: server
  name: 'from-azure'
  properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' }
  // One change of a server at a time.
  dependsOn: [database]
}

var storeUrl = makesDatabase
  ? 'postgres://${databaseUser}:${uriComponent(databasePassword)}@${server!.properties.fullyQualifiedDomainName}:5432/${databaseName}?sslmode=verify-full'
  : databaseUrl
var optional = empty(allowCompanies) ? [] : [{ name: 'DEALBRIDGE_ALLOW_COMPANIES', value: allowCompanies }]
var address = empty(publicUrl) ? 'https://${name}.${environment.properties.defaultDomain}' : publicUrl

resource app 'Microsoft.App/containerApps@2024-03-01' = {
  name: name
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: {
        external: true
        targetPort: port
        transport: 'http'
        allowInsecure: false
      }
      registries: [{ server: registry.properties.loginServer, identity: identity.id }]
      secrets: [
        { name: 'keys', value: keyRing }
        { name: 'admin-token', value: adminToken }
        { name: 'metrics-token', value: metricsToken }
        { name: 'database-url', value: storeUrl }
      ]
    }
    template: {
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'connector'
          image: '${registry.properties.loginServer}/${image}'
          resources: { cpu: json('0.5'), memory: '1Gi' }
          env: concat(optional, [
            { name: 'DEALBRIDGE_UPSTREAM', value: upstream }
            { name: 'DEALBRIDGE_PUBLIC_URL', value: address }
            { name: 'DEALBRIDGE_TRUSTED_PROXIES', value: trustedProxies }
            { name: 'DEALBRIDGE_SUBSCRIPTIONS', value: subscriptions }
            { name: 'DEALBRIDGE_TARGETS', value: targets }
            { name: 'DEALBRIDGE_PORT', value: string(port) }
            { name: 'DEALBRIDGE_KEYS', secretRef: 'keys' }
            { name: 'DEALBRIDGE_ADMIN_TOKEN', secretRef: 'admin-token' }
            { name: 'DEALBRIDGE_METRICS_TOKEN', secretRef: 'metrics-token' }
            // For `az containerapp exec`: the command line asks the server as the admin.
            { name: 'DEALBRIDGE_TOKEN', secretRef: 'admin-token' }
            { name: 'DATABASE_URL', secretRef: 'database-url' }
          ])
          probes: [
            // A new process may be waiting for another one that brings the tables up to date.
            { type: 'Startup', httpGet: { path: '/healthz', port: port }, periodSeconds: 10, failureThreshold: 10 }
            { type: 'Liveness', httpGet: { path: '/healthz', port: port }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 }
            { type: 'Readiness', httpGet: { path: '/readyz', port: port }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 }
          ]
        }
      ]
      // Triggers are polled day and night: a replica that sleeps would answer the first poll too late.
      scale: { minReplicas: 1, maxReplicas: maxReplicas }
    }
  }
  dependsOn: [mayPull, fromAzure]
}

output url string = address
