/** What Pipedrive has and the sandbox has not. A call to one of these is a 501 that names it, never a 404 that would look like missing data. */
const v2 = `
POST /stages
PATCH DELETE /stages/:id
POST /pipelines
PATCH DELETE /pipelines/:id
GET /deals/search
GET /deals/products
GET /deals/installments
GET /persons/search
GET /organizations/search
GET POST /deals/:id/followers
GET /deals/:id/followers/changelog
DELETE /deals/:id/followers/:follower_id
GET POST DELETE /deals/:id/products
POST /deals/:id/products/bulk
PATCH DELETE /deals/:id/products/:product_attachment_id
GET POST /deals/:id/discounts
PATCH DELETE /deals/:id/discounts/:discount_id
POST /deals/:id/installments
PATCH DELETE /deals/:id/installments/:installment_id
POST /deals/:id/convert/lead
GET /deals/:id/convert/status/:conversion_id
GET POST /persons/:id/followers
GET /persons/:id/followers/changelog
DELETE /persons/:id/followers/:follower_id
GET /persons/:id/picture
GET POST /organizations/:id/followers
GET /organizations/:id/followers/changelog
DELETE /organizations/:id/followers/:follower_id
POST /dealFields
PATCH DELETE /dealFields/:field_code
POST PATCH DELETE /dealFields/:field_code/options
GET /activityFields
GET /activityFields/:field_code
GET POST /personFields
GET PATCH DELETE /personFields/:field_code
POST PATCH DELETE /personFields/:field_code/options
GET POST /organizationFields
GET PATCH DELETE /organizationFields/:field_code
POST PATCH DELETE /organizationFields/:field_code/options
GET POST /productFields
GET PATCH DELETE /productFields/:field_code
POST PATCH DELETE /productFields/:field_code/options
GET POST /projectFields
GET PATCH DELETE /projectFields/:field_code
POST PATCH DELETE /projectFields/:field_code/options
GET POST /products
GET /products/search
GET PATCH DELETE /products/:id
POST /products/:id/duplicate
GET POST /products/:id/followers
GET /products/:id/followers/changelog
DELETE /products/:id/followers/:follower_id
GET POST /products/:id/variations
PATCH DELETE /products/:id/variations/:product_variation_id
GET POST PUT DELETE /products/:id/images
GET /leads/search
POST /leads/:id/convert/deal
GET /leads/:id/convert/status/:conversion_id
GET /itemSearch
GET /itemSearch/field
GET POST /projects
GET /projects/archived
GET /projects/search
GET PATCH DELETE /projects/:id
POST /projects/:id/archive
GET /projects/:id/permittedUsers
GET /projects/:id/changelog
GET /projectTemplates
GET /projectTemplates/:id
GET POST /tasks
GET PATCH DELETE /tasks/:id
GET POST /boards
GET PATCH DELETE /boards/:id
GET POST /phases
GET PATCH DELETE /phases/:id
GET /users/:id/followers`

/** An Unserved operation is one of those. */
export interface Unserved {
  methods: readonly string[]
  path: string
}

export const unserved: readonly Unserved[] = v2
  .trim()
  .split('\n')
  .map((line) => {
    const words = line.split(' ')
    return { methods: words.slice(0, -1), path: `/api/v2${words.at(-1)}` }
  })

/** The v1 routes without support since August 2026: each has a successor in API v2. */
export const removedFromV1: readonly string[] = [
  ...['deals', 'activities', 'stages', 'pipelines', 'persons', 'organizations', 'products'].flatMap((kind) => [
    `/${kind}`,
    `/${kind}/collection`,
    `/${kind}/search`,
    `/${kind}/:id`,
  ]),
  '/deals/:id/activities',
  '/deals/:id/persons',
  '/deals/:id/products',
  '/itemSearch',
  '/itemSearch/field',
].flatMap((path) => [`/v1${path}`, `/api/v1${path}`])

export const V1_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** First segments of the v1 routes that are alive in Pipedrive; of those only a few are served here. */
const aliveInV1 = [
  'activityFields',
  'activityTypes',
  'billing',
  'callLogs',
  'channels',
  'currencies',
  'dealFields',
  'deals',
  'files',
  'filters',
  'goals',
  'leadFields',
  'leadLabels',
  'leadSources',
  'leads',
  'legacyTeams',
  'mailbox',
  'meetings',
  'noteFields',
  'notes',
  'oauth',
  'organizationFields',
  'organizationRelationships',
  'organizations',
  'permissionSets',
  'personFields',
  'persons',
  'pipelines',
  'productFields',
  'products',
  'projectTemplates',
  'projects',
  'recents',
  'roles',
  'stages',
  'tasks',
  'userConnections',
  'userSettings',
  'users',
  'webhooks',
]

/** Fixed paths that would otherwise look like the id of a removed route. */
const fixedInV1 = ['deals/archived', 'deals/summary', 'deals/summary/archived', 'deals/timeline', 'deals/timeline/archived']

const inV1 = (path: string): Unserved[] => ['/v1/', '/api/v1/'].map((prefix) => ({ methods: V1_METHODS, path: prefix + path }))
export const unservedV1Fixed: readonly Unserved[] = fixedInV1.flatMap(inV1)
export const unservedV1: readonly Unserved[] = aliveInV1.flatMap((name) => inV1(`${name}/*`))
