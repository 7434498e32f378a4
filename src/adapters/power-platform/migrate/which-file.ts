import { at, stringAt, type JsonNode } from './json-text.ts'
import { isStandardWorkflow } from './standard.ts'

/** What can be migrated, for the messages of files that cannot. */
export const KINDS =
  'a flow package (manifest.json, Microsoft.Flow/…), an unmanaged solution (solution.xml, customizations.xml, Workflows/…), ' +
  'a Logic App (an ARM template, or its code view), or the connections.json of a Standard Logic App, alone or in the zip of its project'

export const UNPACKED_SOLUTION =
  'It is an unpacked solution. Pack it with `pac solution pack --zipfile Sales.zip --folder …`, or export the solution again, and give the zip.'

/** Which file to use instead of one that is no JSON; undefined if it may be JSON. `start` is its beginning. */
export function whyNotReadable(name: string, start: string): string | undefined {
  const text = start.replace(/^\uFEFF/, '').trimStart()
  if (/\.bicep(?:param)?$/i.test(name))
    return 'It is Bicep. Build the ARM template with `az bicep build --file …`, and give the JSON file that this writes.'
  if (/^(?:<\?xml[^>]*>\s*)?<(?:ImportExportXml|connectionreferences?)\b/i.test(text))
    return 'It is one file of a solution. Give the zip of the whole solution: the connector is named in several of its files.'
  // A comment may precede the JSON of a template.
  return /^(?:\{|\/[/*])/.test(text) ? undefined : `It is neither a zip nor JSON. What can be migrated is ${KINDS}.`
}

/** Which file to use instead of a JSON file that belongs to an export but is not all of it; undefined for others. */
export function whyNotMigrated(json: JsonNode): string | undefined {
  if (isStandardWorkflow(json))
    return 'A workflow of a Standard Logic App names its connections by their keys only. Give the connections.json in the folder above it: that is what changes.'
  if (at(json, 'properties', 'connectionReferences') !== undefined)
    return at(json, 'schemaVersion') === undefined
      ? 'It is the definition.json of a flow package. Give the zip of the package: the connector is named in several of its files.'
      : 'It is a flow out of the folder Workflows of a solution. Give the zip of the solution: the connection reference is in another of its files. ' +
          'If the solution is unpacked, pack it with `pac solution pack`.'
  if (/deploymentParameters\.json/i.test(stringAt(json, '$schema')?.value ?? ''))
    return 'It is the file of parameters for a template. Give the template.'
  return undefined
}

/** Which file to use instead of a folder, by the names in it. */
export function whyNotFolder(folder: string, names: readonly string[]): string {
  const has = (pattern: RegExp): boolean => names.some((name) => pattern.test(name))
  if (has(/^(?:Other|solution\.xml|customizations\.xml|Workflows)$/i)) return `${folder} is a folder. ${UNPACKED_SOLUTION}`
  if (has(/^connections\.json$/i)) return `${folder} is a folder. Give the connections.json in it.`
  return `${folder} is a folder. Give the exported zip, or the connections.json of a Standard Logic App.`
}
