import { catalog } from '../../../catalog/index.ts'
import { operationsIn } from '../../../catalog/sets.ts'
import { DEFAULT_SETS, type OperationSet } from '../../../catalog/set-names.ts'
import type { Locale } from '../../../catalog/locales/en.ts'
import { reachedAt, swagger } from '../../openapi/swagger.ts'
import type { Auth } from '../../openapi/security.ts'
import { apiProperties } from './api-properties.ts'
import { drawIcon } from './icon.ts'
import { packageReadme } from './package-readme.ts'
import { solutionZip } from './solution-zip.ts'

/** The settings that paconn needs; it asks the user for the environment. */
const SETTINGS = {
  apiProperties: 'apiProperties.json',
  apiDefinition: 'apiDefinition.swagger.json',
  icon: 'icon.png',
  powerAppsApiVersion: '2016-11-01',
  powerAppsUrl: 'https://api.powerapps.com',
}

/** A PackageRequest says for which tenant and server a package is made. */
export interface PackageRequest {
  /** The URL at which the cloud reaches the connector, `https://connector.example.com`. */
  url: string
  auth: Auth
  locale: Locale
  version: string
  /** The operations that the definition has. */
  sets?: readonly OperationSet[]
}

const json = (value: object): string => JSON.stringify(value, null, 2) + '\n'

/** All files that import the connector into a tenant, by file name. The same request yields the same bytes. */
export function packageFiles({ url, auth, locale, version, sets = DEFAULT_SETS }: PackageRequest): Record<string, Uint8Array> {
  const definition = swagger(operationsIn(catalog, sets), { ...reachedAt(url), locale, auth })
  const properties = apiProperties(auth, locale)
  const icon = drawIcon()
  const content = { definition, parameters: properties.properties.connectionParameters, icon, auth, version }
  return {
    [SETTINGS.apiDefinition]: Buffer.from(json(definition)),
    [SETTINGS.apiProperties]: Buffer.from(json(properties)),
    [SETTINGS.icon]: icon,
    'settings.json': Buffer.from(json(SETTINGS)),
    'readme.md': Buffer.from(packageReadme(url, auth)),
    'dealbridge_solution.zip': solutionZip(content, false),
    'dealbridge_solution_managed.zip': solutionZip(content, true),
  }
}
