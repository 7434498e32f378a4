import { expect, test } from 'vitest'
import { FLOW, flowPackageFiles, OURS, solutionFiles, template, WORKFLOW, zipOf } from './exports.fixture.ts'
import { migrate } from './migrate.ts'
import { whyNotFolder } from './which-file.ts'

const error = (name: string, content: string | Uint8Array) => () =>
  migrate({ name, bytes: Buffer.from(content), from: 'shared_pipedrive', to: OURS })
const files = solutionFiles()

test.each<[string, string, string | Uint8Array, RegExp]>([
  ['a flow out of a solution', 'x.json', files[WORKFLOW]!, /Workflows of a solution.*Give the zip of the solution/],
  [
    'the definition of a flow package',
    'definition.json',
    flowPackageFiles()[`Microsoft.Flow/flows/${FLOW}/definition.json`]!,
    /Give the zip of the package/,
  ],
  ['customizations.xml', 'customizations.xml', files['customizations.xml']!, /one file of a solution\. Give the zip/],
  ['solution.xml with a declaration', 'solution.xml', '\uFEFF<?xml version="1.0" encoding="utf-8"?>\r\n<ImportExportXml/>', /Give the zip/],
  ['Bicep', 'main.bicep', "resource x 'Microsoft.Logic/workflows@2019-05-01' = {}", /az bicep build/],
  ['parameters of Bicep', 'main.bicepparam', "using 'main.bicep'", /az bicep build/],
  [
    'parameters of a template',
    'a.json',
    JSON.stringify({ $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#', parameters: {} }),
    /Give the template/,
  ],
  ['an unpacked solution in a zip', 'a.zip', zipOf({ 'Other/Solution.xml': '<x/>', 'Workflows/a.json': '{}' }), /pac solution pack/],
  [
    'a template with a comma too many',
    'a.json',
    template().replace('"resources": [', '"resources": [,'),
    /is not JSON: \w+ in line \d+, column \d+/,
  ],
])('%s is refused, and the message says which file to give', (_, name, content, message) => expect(error(name, content)).toThrow(message))

test.each<[string[], string]>([
  [['Other', 'Workflows'], 'pac solution pack'],
  [['solution.xml', 'customizations.xml'], 'pac solution pack'],
  [['connections.json', 'host.json'], 'Give the connections.json in it'],
  [['a.zip'], 'Give the exported zip'],
])('of a folder with %o it says what to give', (names, message) => expect(whyNotFolder('sales', names)).toContain(message))
