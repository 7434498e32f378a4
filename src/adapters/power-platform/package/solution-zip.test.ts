import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { en } from '../../../catalog/locales/en.ts'
import { ja } from '../../../catalog/locales/ja.ts'
import { BRAND_COLOR } from './icon.ts'
import { packageFiles } from './package-files.ts'

/** An Element is a tag of an XML file with its path, `ImportExportXml/SolutionManifest/Version`. */
interface Element {
  path: string
  attributes: Record<string, string>
  text: string
}

const unescape = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')

/** All elements in order; throws where a tag is not closed, or is closed by another. */
function elementsOf(text: string): Element[] {
  const xml = text.replace('<?xml version="1.0" encoding="utf-8"?>\n', '')
  const open: Element[] = []
  const elements: Element[] = []
  let at = 0
  for (const { 0: tag, 1: close, 2: name, 3: attributes, 4: empty, index } of xml.matchAll(
    /<(\/?)([A-Za-z]+)((?:\s+[\w:]+="[^"<]*")*)\s*(\/?)>/g,
  )) {
    const between = xml.slice(at, index)
    if (/[<>]/.test(between)) throw new Error(`no tag: ${between}`)
    if (open.length > 0) open.at(-1)!.text += unescape(between)
    at = index + tag.length
    if (close) {
      const last = open.pop()
      if (last?.path.split('/').at(-1) !== name) throw new Error(`${name} closes ${last?.path}`)
      continue
    }
    const element: Element = {
      path: [...open.map(({ path }) => path.split('/').at(-1)!), name!].join('/'),
      attributes: Object.fromEntries([...attributes!.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!])),
      text: '',
    }
    elements.push(element)
    if (!empty) open.push(element)
  }
  if (open.length > 0) throw new Error(`${open.at(-1)!.path} is not closed`)
  return elements
}

const variants = (['key', 'basic'] as const).flatMap((auth) =>
  Object.entries({ en, ja }).flatMap(([language, locale]) =>
    ([false, true] as const).map((managed) => ({ auth, language, locale, managed })),
  ),
)

describe.each(variants)('the solution for $auth in $language, managed: $managed', ({ auth, locale, managed }) => {
  const files = packageFiles({ url: 'https://connector.example.com', auth, locale, version: '0.1.0' })
  const zip = unzipSync(files[`dealbridge_solution${managed ? '_managed' : ''}.zip`]!)
  const text = (name: string) => Buffer.from(zip[name]!).toString('utf8')
  const [types, solution, customizations] = ['[Content_Types].xml', 'solution.xml', 'customizations.xml'].map((name) =>
    elementsOf(text(name)),
  ) as [Element[], Element[], Element[]]
  const all = (elements: Element[], ending: string) => elements.filter(({ path }) => path.endsWith(ending))
  const only = (elements: Element[], ending: string) => {
    expect(all(elements, ending)).toHaveLength(1)
    return all(elements, ending)[0]!
  }

  test('has three files at its root and the rest in Connector, each of a known type', () => {
    const names = Object.keys(zip)
    expect(names.filter((name) => !name.includes('/')).toSorted()).toEqual(['[Content_Types].xml', 'customizations.xml', 'solution.xml'])
    expect(names.filter((name) => name.includes('/')).every((name) => /^Connector\/[^/]+$/.test(name))).toBe(true)
    const defaults = all(types, 'Types/Default').map(({ attributes }) => attributes)
    expect(defaults.map(({ ContentType }) => ContentType)).toEqual(defaults.map(() => 'application/octet-stream'))
    const endings = new Set(names.filter((name) => !name.startsWith('[')).map((name) => name.split('.').at(-1)))
    expect(new Set(defaults.map(({ Extension }) => Extension))).toEqual(endings)
  })

  test('is one component, a connector, of a name that nothing has to encode', () => {
    expect(only(solution, 'SolutionManifest/Managed').text).toBe(managed ? '1' : '0')
    const { attributes } = only(solution, 'RootComponents/RootComponent')
    const prefix = only(solution, 'Publisher/CustomizationPrefix').text
    expect(attributes).toMatchObject({ type: '372', behavior: '0' })
    expect(attributes['id']).toMatch(/^\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/)
    expect(attributes['schemaName']).toMatch(new RegExp(`^${prefix}_[a-z0-9]+$`))
  })

  test('says of the connector what the component says, and where its parts are', () => {
    const { id, schemaName: name } = only(solution, 'RootComponents/RootComponent').attributes
    const part = (ending: string) => `/Connector/${name}_${ending}`
    const { info } = JSON.parse(Buffer.from(files['apiDefinition.swagger.json']!).toString()) as { info: Record<string, string> }
    const connector = customizations
      .filter(({ path }) => path.startsWith('ImportExportXml/Connectors/Connector/'))
      .map(({ path, text: value }) => [path.split('/').at(-1)!, value])
    expect(Object.fromEntries(connector)).toEqual({
      connectorid: id!.slice(1, -1),
      name,
      connectortype: '1',
      displayname: info['title'],
      description: info['description'],
      iconbrandcolor: BRAND_COLOR,
      openapidefinition: part('openapidefinition.json'),
      connectionparameters: part('connectionparameters.json'),
      policytemplateinstances: part('policytemplateinstances.json'),
      iconblob: part('iconblob.Png'),
    })
    expect(zip[part('openapidefinition.json').slice(1)]).toBeDefined()
    expect(JSON.parse(text(part('openapidefinition.json').slice(1)))).toEqual(
      JSON.parse(Buffer.from(files['apiDefinition.swagger.json']!).toString()),
    )
    expect(Buffer.from(zip[part('iconblob.Png').slice(1)]!.subarray(0, 8)).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
    expect(zip[part('iconblob.Png').slice(1)]).toEqual(new Uint8Array(files['icon.png']!))
  })
})

test('managed and unmanaged differ in one digit', () => {
  const files = packageFiles({ url: 'https://connector.example.com', auth: 'key', locale: en, version: '0.1.0' })
  const [unmanaged, managed] = ['dealbridge_solution.zip', 'dealbridge_solution_managed.zip'].map((name) => unzipSync(files[name]!))
  const solution = Buffer.from(unmanaged!['solution.xml']!).toString().replace('<Managed>0<', '<Managed>1<')
  expect(managed).toEqual({ ...unmanaged, 'solution.xml': new Uint8Array(Buffer.from(solution)) })
})

test('an XML file that is broken would be noticed', () => {
  expect(() => elementsOf('<a><b></a></b>')).toThrow('a closes a/b')
  expect(() => elementsOf('<a><b></b>')).toThrow('a is not closed')
  expect(() => elementsOf('<a>1 < 2</a>')).toThrow('no tag')
})
