import { zipSync } from 'fflate'
import type { SwaggerDocument } from '../../openapi/swagger-document.ts'
import type { Auth } from '../../openapi/security.ts'
import type { ConnectionParameters } from './api-properties.ts'
import { BRAND_COLOR } from './icon.ts'

/** Never change: importing a solution again updates the connector with the same id. The two kinds of security are two connectors. */
const CONNECTORS = {
  key: {
    id: '5b1d9f0e-6c0a-4f57-9d0e-6f3f6a7c2b01',
    name: 'dbridge_pipedrive',
    solution: 'DealbridgeConnector',
    title: 'Dealbridge connector',
  },
  basic: {
    id: '5b1d9f0e-6c0a-4f57-9d0e-6f3f6a7c2b02',
    name: 'dbridge_pipedrivebasic',
    solution: 'DealbridgeConnectorBasic',
    title: 'Dealbridge connector (basic)',
  },
} as const
/** Component type of a connector in Dataverse. */
const CONNECTOR = 372
/** English: the only language that every environment has. Only the titles of solution and publisher use it. */
const ENGLISH = 1033
/** The earliest time that a zip can hold. Zip times have no time zone, so the bytes are the same everywhere. */
const earliest = () => new Date(1980, 0, 1)

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
const localized = (text: string): string =>
  `<LocalizedNames><LocalizedName description="${escapeXml(text)}" languagecode="${ENGLISH}" /></LocalizedNames>`

/** A SolutionContent is the content of a solution with the connector. */
export interface SolutionContent {
  definition: SwaggerDocument
  parameters: ConnectionParameters
  icon: Uint8Array
  auth: Auth
  /** Three numbers; Dataverse adds a fourth. */
  version: string
}

/** The solution that imports the connector into an environment in one step. A managed one can be removed with everything it brought, but not changed. */
export function solutionZip({ definition, parameters, icon, auth, version }: SolutionContent, managed: boolean): Uint8Array {
  const { name } = CONNECTORS[auth]
  const part = (ending: string) => `Connector/${name}_${ending}`
  const files: Record<string, string | Uint8Array> = {
    '[Content_Types].xml': contentTypes,
    'solution.xml': solutionXml(auth, version, managed),
    'customizations.xml': customizationsXml(auth, definition),
    [part('openapidefinition.json')]: JSON.stringify(definition),
    [part('connectionparameters.json')]: JSON.stringify(parameters),
    [part('policytemplateinstances.json')]: '[]',
    [part('iconblob.Png')]: icon,
  }
  const mtime = earliest()
  return zipSync(Object.fromEntries(Object.entries(files).map(([path, content]) => [path, [Buffer.from(content), { mtime }]])))
}

const XML = '<?xml version="1.0" encoding="utf-8"?>\n'
const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

const contentTypes = `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${['xml', 'json', 'Png']
  .map((extension) => `<Default Extension="${extension}" ContentType="application/octet-stream" />`)
  .join('')}</Types>\n`

function solutionXml(auth: Auth, version: string, managed: boolean): string {
  const { id, name, solution, title } = CONNECTORS[auth]
  return `${XML}<ImportExportXml version="9.2" SolutionPackageVersion="9.2" languagecode="${ENGLISH}" generatedBy="CrmLive" ${XSI}>
  <SolutionManifest>
    <UniqueName>${solution}</UniqueName>
    ${localized(title)}
    <Descriptions />
    <Version>${version}.0</Version>
    <Managed>${managed ? 1 : 0}</Managed>
    <Publisher>
      <UniqueName>dealbridge</UniqueName>
      ${localized('Dealbridge')}
      <Descriptions />
      <EMailAddress xsi:nil="true"></EMailAddress>
      <SupportingWebsiteUrl xsi:nil="true"></SupportingWebsiteUrl>
      <CustomizationPrefix>dbridge</CustomizationPrefix>
      <CustomizationOptionValuePrefix>47210</CustomizationOptionValuePrefix>
      <Addresses />
    </Publisher>
    <RootComponents>
      <RootComponent type="${CONNECTOR}" id="{${id}}" schemaName="${name}" behavior="0" />
    </RootComponents>
    <MissingDependencies />
  </SolutionManifest>
</ImportExportXml>
`
}

const EMPTY = [
  'Entities',
  'Roles',
  'Workflows',
  'FieldSecurityProfiles',
  'Templates',
  'EntityMaps',
  'EntityRelationships',
  'OrganizationSettings',
  'optionsets',
  'CustomControls',
  'EntityDataProviders',
]

function customizationsXml(auth: Auth, { info }: SwaggerDocument): string {
  const { id, name } = CONNECTORS[auth]
  const { title, description } = info as { title: string; description: string }
  return `${XML}<ImportExportXml ${XSI}>
${EMPTY.map((element) => `  <${element} />`).join('\n')}
  <Connectors>
    <Connector>
      <connectorid>${id}</connectorid>
      <description>${escapeXml(description)}</description>
      <displayname>${escapeXml(title)}</displayname>
      <iconbrandcolor>${BRAND_COLOR}</iconbrandcolor>
      <name>${name}</name>
      <connectortype>1</connectortype>
      <openapidefinition>/Connector/${name}_openapidefinition.json</openapidefinition>
      <connectionparameters>/Connector/${name}_connectionparameters.json</connectionparameters>
      <policytemplateinstances>/Connector/${name}_policytemplateinstances.json</policytemplateinstances>
      <iconblob>/Connector/${name}_iconblob.Png</iconblob>
    </Connector>
  </Connectors>
  <Languages>
    <Language>${ENGLISH}</Language>
  </Languages>
</ImportExportXml>
`
}
