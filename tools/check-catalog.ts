/**
 * `npm run check:catalog -- --openapi DIR`: holds prices, written names, filters and the sources of answers against Pipedrive's own specification
 * (pipedrive-v1.yaml and pipedrive-v2.yaml in DIR), less what is known to be missing there.
 */
import { parseArgs } from 'node:util'
import type { CatalogObject } from '../src/catalog/objects/define-object.ts'
import { objects } from '../src/catalog/objects/index.ts'
import { resources, type Resource } from '../src/pipedrive/resources.ts'
import { TOKEN_PRICES } from '../src/pipedrive/token-prices.ts'
import { anonymous, specifiedShapes, type SpecifiedShape } from './conformance/specified-shapes.ts'

/** What the specification lacks, and why it is right all the same. */
const MISSING: Readonly<Record<string, string>> = {
  'deal.creator_user_id is read': 'the example of the answer, and live answers, have it',
  'user.is_admin is read': 'live answers have it',
  'note.pinned_to_lead_flag is read': 'bodies take it, and the list is filtered by it',
  'lead.currency is created': 'API v1 has it inside value',
  'lead.currency is updated': 'API v1 has it inside value',
}

const { values } = parseArgs({ options: { openapi: { type: 'string' } } })
if (!values.openapi) throw new Error('check:catalog takes --openapi DIR, the folder of pipedrive-v1.yaml and pipedrive-v2.yaml')

const shapes = new Map([
  ...(await specifiedShapes(values.openapi, 'pipedrive-v2.yaml', '/api/v2')),
  ...(await specifiedShapes(values.openapi, 'pipedrive-v1.yaml', '/api/v1')),
])
const problems: string[] = []
const missing = new Set<string>()
let checks = 0
const expect = (what: string, isRight: boolean): void => {
  checks++
  if (isRight) return
  if (what in MISSING) missing.add(what)
  else problems.push(what)
}

for (const [request, price] of Object.entries(TOKEN_PRICES)) {
  const shape = shapes.get(anonymous(request))
  // Some routes are not in the files any more, and still served.
  if (shape?.price !== undefined) expect(`${request} costs ${price}, and ${shape.price} in the specification`, shape.price === price)
}

const shapeOf = (method: string, path: string): SpecifiedShape | undefined => shapes.get(anonymous(`${method} ${path}`))
for (const object of objects as readonly CatalogObject[]) {
  const resource: Resource = resources[object.name]
  const list = shapeOf('GET', (resource.list ?? resource.path).split('?')[0]!)
  const read = shapeOf('GET', `${resource.path}/{id}`) ?? list
  const [create, update] = [shapeOf('POST', resource.path), shapeOf(resource.update ?? 'PATCH', `${resource.path}/{id}`)]
  for (const [name, { from = name, output, primaryOf, filter }] of Object.entries(object.fields)) {
    if (output !== undefined) expect(`${object.name}.${name} is read`, read?.answer.has(primaryOf ?? from) === true)
    const writable = object.writable[name]
    if (name in object.creatable && writable && object.operations.includes('create'))
      expect(`${object.name}.${name} is created`, create?.body.has(writable.to) === true)
    if (writable && object.operations.includes('update'))
      expect(`${object.name}.${name} is updated`, update?.body.has(writable.to) === true)
    if (filter && object.operations.includes('list')) expect(`${object.name} is listed by ${name}`, list?.query.has(name) === true)
  }
}

for (const what of Object.keys(MISSING))
  if (!missing.has(what)) problems.push(`"${what}" is in the specification: it is listed as missing for nothing`)
for (const problem of problems) console.error(problem)
console.log(`${checks} prices, names and filters of ${objects.length} objects checked, ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0
