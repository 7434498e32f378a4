import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, inflateSync } from 'node:zlib'
import SwaggerParser from '@apidevtools/swagger-parser'
import { Ajv } from 'ajv'
import AjvOfDraft4 from 'ajv-draft-04'
import formats from 'ajv-formats'
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { en } from '../../../catalog/locales/en.ts'
import { ja } from '../../../catalog/locales/ja.ts'
import { BRAND_COLOR, drawIcon } from './icon.ts'
import { packageFiles, type PackageRequest } from './package-files.ts'

const url = 'https://connector.example.com'
const requests: [string, PackageRequest][] = (['key', 'basic'] as const).flatMap((auth) =>
  Object.entries({ en, ja }).map(([name, locale]): [string, PackageRequest] => [
    `${auth}, ${name}`,
    { url, auth, locale, version: '0.1.0' },
  ]),
)
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes!).toString('utf8')
const json = (bytes: Uint8Array | undefined): unknown => JSON.parse(text(bytes))

/** These files belong to Microsoft and are not in the repository. */
const [schemaFile, definitionSchemaFile] = ['apiProperties', 'apiDefinition.swagger'].map((name) =>
  join(import.meta.dirname, `../../../../../shared/reference/schemas/${name}.schema.json`),
) as [string, string]
/** The settings that paconn reads from settings.json; it rejects unknown ones. */
const SETTINGS_OF_PACONN = [
  'connectorId',
  'environment',
  'apiProperties',
  'apiDefinition',
  'icon',
  'powerAppsUrl',
  'powerAppsApiVersion',
  'flowUrl',
  'flowApiVersion',
]

describe.each(requests)('the package for %s', (_, request) => {
  const files = packageFiles(request)
  const definition = json(files['apiDefinition.swagger.json']) as {
    host: string
    schemes: string[]
    info: { title: string }
    securityDefinitions: object
  }

  test('is the same bytes for the same request', () => expect(packageFiles(request)).toEqual(files))

  test('names the host, by https', () =>
    expect(definition).toMatchObject({ host: 'connector.example.com', basePath: '/', schemes: ['https'] }))

  test('asks for what the definition says that a connection has', () => {
    const { properties } = json(files['apiProperties.json']) as { properties: { connectionParameters: object } }
    expect([Object.keys(definition.securityDefinitions), Object.keys(properties.connectionParameters)]).toEqual(
      request.auth === 'key' ? [['api_key'], ['api_key']] : [['basic_auth'], ['username', 'password']],
    )
  })

  test.runIf(existsSync(schemaFile))("has an apiProperties.json that Microsoft's schema takes", () => {
    const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown>
    // A keyword of draft 4, in a schema that declares draft 7.
    delete schema['id']
    const isValid = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema)
    const properties = json(files['apiProperties.json']) as { properties: object }
    expect([isValid(properties), isValid.errors]).toEqual([true, null])
    expect(isValid({ properties: { ...properties.properties, surprise: 1 } })).toBe(false)
  })

  test.runIf(existsSync(definitionSchemaFile))("has a definition that Microsoft's schema takes", () => {
    const ajv = new AjvOfDraft4.default({ strict: false, allErrors: true })
    formats.default(ajv)
    const isValid = ajv.compile(JSON.parse(readFileSync(definitionSchemaFile, 'utf8')) as object)
    expect([isValid(definition), isValid.errors]).toEqual([true, null])
    expect(isValid({ ...definition, surprise: 1 })).toBe(false)
  })

  test('has a definition that a general validator takes', async () => {
    const given = structuredClone(definition) as unknown as Parameters<typeof SwaggerParser.validate>[0]
    await expect(SwaggerParser.validate(given)).resolves.toMatchObject({ swagger: '2.0', host: 'connector.example.com' })
  })

  test('has settings that paconn knows, and that name its files', () => {
    const settings = json(files['settings.json']) as Record<string, string>
    expect(Object.keys(settings).filter((key) => !SETTINGS_OF_PACONN.includes(key))).toEqual([])
    expect(settings['powerAppsApiVersion']).toBe('2016-11-01')
    expect(URL.canParse(settings['powerAppsUrl']!)).toBe(true)
    for (const key of ['apiProperties', 'apiDefinition', 'icon']) expect(files[settings[key]!]).toBeDefined()
  })

  test.each([
    ['dealbridge_solution.zip', 0],
    ['dealbridge_solution_managed.zip', 1],
  ])('has a %s, in which everything that is named is there', (name, managed) => {
    const zip = unzipSync(files[name]!)
    const [solution, customizations, types] = ['solution.xml', 'customizations.xml', '[Content_Types].xml'].map((part) => text(zip[part]))
    expect(solution).toContain(`<Managed>${managed}</Managed>`)
    expect(solution).toContain('<Version>0.1.0.0</Version>')
    const [, id, schemaName] = /<RootComponent type="372" id="\{([0-9a-f-]{36})\}" schemaName="([a-z0-9_]+)" behavior="0" \/>/.exec(
      solution!,
    )!
    expect(solution).toContain(`<CustomizationPrefix>${schemaName!.split('_')[0]}</CustomizationPrefix>`)
    expect(customizations).toContain(`<connectorid>${id}</connectorid>`)
    expect(customizations).toContain(`<name>${schemaName}</name>`)
    expect(customizations).toContain(`<displayname>${definition.info.title}</displayname>`)
    const named = [...customizations!.matchAll(/>\/(Connector\/[^<]+)</g)].map(([, path]) => path!)
    expect(Object.keys(zip).toSorted()).toEqual([...named, 'solution.xml', 'customizations.xml', '[Content_Types].xml'].toSorted())
    for (const path of Object.keys(zip).filter((file) => file !== '[Content_Types].xml'))
      expect(types).toContain(`Extension="${path.split('.').at(-1)}"`)
    const part = (ending: string) => zip[named.find((path) => path === `Connector/${schemaName}_${ending}`)!]
    expect(json(part('openapidefinition.json'))).toEqual(definition)
    expect({ properties: { connectionParameters: json(part('connectionparameters.json')) } }).toMatchObject({
      properties: {
        connectionParameters: (json(files['apiProperties.json']) as { properties: { connectionParameters: object } }).properties
          .connectionParameters,
      },
    })
    expect(json(part('policytemplateinstances.json'))).toEqual([])
    expect(part('iconblob.Png')).toEqual(new Uint8Array(drawIcon()))
  })
})

test('the two kinds of security are two connectors, so that a tenant can have both', () => {
  const names = (['key', 'basic'] as const).map((auth) => {
    const zip = unzipSync(packageFiles({ url, auth, locale: en, version: '0.1.0' })['dealbridge_solution.zip']!)
    return [...text(zip['solution.xml']).matchAll(/<UniqueName>(\w+)|id="\{(.{36})|schemaName="(\w+)/g)]
      .map(([found]) => found)
      .filter((found) => !found.endsWith('dealbridge'))
  })
  expect(new Set(names.flat()).size).toBe(6)
})

test('what XML would misread is escaped', () => {
  const locale = { ...en, info: { title: 'A & B', description: '<"x">' } }
  const xml = text(
    unzipSync(packageFiles({ url, auth: 'key', locale, version: '0.1.0' })['dealbridge_solution.zip']!)['customizations.xml'],
  )
  expect(xml).toContain('<displayname>A &amp; B</displayname>')
  expect(xml).toContain('<description>&lt;&quot;x&quot;&gt;</description>')
})

test('the icon is a whole PNG: a white bridge on the colour of the brand', () => {
  const png = Buffer.from(drawIcon())
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  const chunks: Record<string, Buffer> = {}
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at)
    const body = png.subarray(at + 4, at + 8 + length)
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body))
    chunks[body.toString('latin1', 0, 4)] = body.subarray(4)
    at += 12 + length
  }
  expect(Object.keys(chunks)).toEqual(['IHDR', 'IDAT', 'IEND'])
  expect([chunks['IHDR']!.readUInt32BE(0), chunks['IHDR']!.readUInt32BE(4), ...chunks['IHDR']!.subarray(8)]).toEqual([
    230, 230, 8, 2, 0, 0, 0,
  ])
  const pixels = inflateSync(chunks['IDAT']!)
  expect(pixels).toHaveLength(230 * (1 + 230 * 3))
  const pixel = (x: number, y: number) => `#${pixels.subarray(y * 691 + 1 + x * 3, y * 691 + 4 + x * 3).toString('hex')}`
  expect([pixel(0, 0), pixel(229, 229), pixel(115, 145)]).toEqual([BRAND_COLOR, BRAND_COLOR, '#ffffff'])
})
