/** Endpoints of Pipedrive that the sandbox does not support. They answer 501 with their name, never a 404, which would look like missing data. */
const v2 = `
GET /persons/:id/picture
GET POST /projectFields
GET PATCH DELETE /projectFields/:field_code
POST PATCH DELETE /projectFields/:field_code/options
GET POST PUT DELETE /products/:id/images
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
GET PATCH DELETE /phases/:id`

/** An UnsupportedEndpoint is a path of Pipedrive's that the sandbox does not serve. */
export interface UnsupportedEndpoint {
  methods: readonly string[]
  path: string
}

export const unsupportedV2: readonly UnsupportedEndpoint[] = v2
  .trim()
  .split('\n')
  .map((line) => {
    const words = line.split(' ')
    return { methods: words.slice(0, -1), path: `/api/v2${words.at(-1)}` }
  })

/** The v1 endpoints that Pipedrive removed in August 2026: each has a successor in API v2. */
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

/** First segments of the v1 paths that Pipedrive still supports; the sandbox supports a few of them. */
const supportedInV1 = [
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
]

/** Fixed paths that `/:id` of a removed endpoint would match. */
const fixedInV1 = ['deals/archived', 'deals/summary', 'deals/summary/archived', 'deals/timeline', 'deals/timeline/archived']

const inV1 = (path: string): UnsupportedEndpoint[] => ['/v1/', '/api/v1/'].map((prefix) => ({ methods: V1_METHODS, path: prefix + path }))
export const unsupportedFixedV1: readonly UnsupportedEndpoint[] = fixedInV1.flatMap(inV1)
export const unsupportedV1: readonly UnsupportedEndpoint[] = supportedInV1.flatMap((name) => inV1(`${name}/*`))
