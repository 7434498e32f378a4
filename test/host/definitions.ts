import { catalog } from '../../src/catalog/index.ts'
import { en } from '../../src/catalog/locales/en.ts'
import { ja } from '../../src/catalog/locales/ja.ts'
import { swagger } from '../../src/adapters/openapi/swagger.ts'
import type { Json } from './host.ts'

const place = { host: 'connector.test', basePath: '/', schemes: ['https'] } as const
const make = (locale: typeof en, auth: 'key' | 'basic'): Json =>
  JSON.parse(JSON.stringify(swagger(catalog, { ...place, locale, auth }))) as Json

/** Every definition that a maker can get, as the text of a file would be read. */
export const definitions: readonly (readonly [name: string, definition: Json])[] = [
  ['English, API key', make(en, 'key')],
  ['English, Basic', make(en, 'basic')],
  ['Japanese, API key', make(ja, 'key')],
  ['Japanese, Basic', make(ja, 'basic')],
]
