import { type Answer, failure, json } from '../http/answer.ts'
import type { Caller } from '../state/caller.ts'
import type { User } from '../state/company.ts'
import { v1Time, zoneOffset } from '../time.ts'
import type { Route } from './route.ts'

/** Endpoints without a counterpart in API v2, below /v1 and /api/v1. Like all of v1 they ignore unknown parameters. */
const answer = (data: unknown, { company }: Caller): Answer =>
  json(200, { success: true, data, additional_data: { company_id: company.id } })

export const showUser = (user: User, { user: me, time }: Caller) => ({
  id: user.id,
  name: user.name,
  email: user.email,
  phone: user.phone,
  lang: 1,
  locale: user.locale,
  timezone_name: user.timezone_name,
  timezone_offset: zoneOffset(time, user.timezone_name),
  default_currency: user.default_currency,
  icon_url: null,
  active_flag: user.active_flag,
  activated: true,
  is_deleted: !user.active_flag,
  is_admin: user.is_admin ? 1 : 0,
  role_id: 1,
  created: v1Time(user.created),
  modified: v1Time(user.modified),
  last_login: v1Time(user.modified),
  has_created_company: user.is_admin,
  is_you: user.id === me.id,
  access: [{ app: 'sales', admin: user.is_admin, permission_set_id: '6d1f7c1e-0b1e-4c37-9a55-5f6f0f6b2f10' }],
})

const showMe = (caller: Caller) => ({
  ...showUser(caller.user, caller),
  company_id: caller.company.id,
  company_name: caller.company.name,
  company_domain: caller.company.domain,
  company_country: caller.company.country,
  company_industry: '',
  language: { language_code: caller.company.language, country_code: caller.company.country },
})

interface V1Operation {
  path: string
  tokens: number
  handle: Route['handle']
}

const operations: readonly V1Operation[] = [
  { path: '/users/me', tokens: 2, handle: (call) => answer(showMe(call), call) },
  {
    path: '/users',
    tokens: 20,
    handle: (call) =>
      answer(
        [...call.company.users.values()].map((user) => showUser(user, call)),
        call,
      ),
  },
  {
    path: '/users/:id',
    tokens: 2,
    handle(call) {
      const user = call.company.users.get(Number(call.params['id']))
      return user ? answer(showUser(user, call), call) : failure(404, 'User not found or not accessible.')
    },
  },
  {
    path: '/activityTypes',
    tokens: 20,
    handle: (call) =>
      answer(
        call.company.activityTypes.map((type) => ({
          ...type,
          add_time: v1Time(type.add_time),
          update_time: type.update_time && v1Time(type.update_time),
        })),
        call,
      ),
  },
  {
    path: '/currencies',
    tokens: 20,
    handle(call) {
      const term = call.query['term']?.toLowerCase() ?? ''
      return answer(
        call.company.currencies.filter(({ code, name }) => `${code} ${name}`.toLowerCase().includes(term)),
        call,
      )
    },
  },
]

export const v1Routes: readonly Route[] = ['/v1', '/api/v1'].flatMap((prefix) =>
  operations.map(({ path, tokens, handle }): Route => ({ method: 'GET', path: prefix + path, tokens, handle })),
)
