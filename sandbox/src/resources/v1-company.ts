import * as z from 'zod'
import { forbidden, wording } from '../http/answer.ts'
import type { Call, Route } from './route.ts'
import { readV1, v1, v1Answer, v1Page, v1Refusal, v1Type } from './v1.ts'
import { showUser } from './v1-users.ts'

const finding = z.object({ term: z.string().optional(), search_by_email: v1Type.flag().optional() })

function findUsers(call: Call) {
  const { term = '', search_by_email } = readV1(finding, call.query, call)
  if (term === '') throw v1Refusal(400, `term: ${wording(call.behaviour, 'required')}`)
  const low = term.toLowerCase()
  const found = [...call.company.users.values()].filter(({ name, email }) => (search_by_email ? email : name).toLowerCase().includes(low))
  return v1Answer(found.map((user) => showUser(user, call)))
}

/** The documented settings, the same for all users. */
const settings = {
  marketplace_team: false,
  list_limit: 100,
  beta_app: false,
  prevent_salesphone_callto_override: false,
  file_upload_destination: 's3',
  callto_link_syntax: 'callto:[number]',
  autofill_deal_expected_close_date: false,
  person_duplicate_condition: 'name && (org_id || email || phone)',
}

const ADMIN_SET = '6d1f7c1e-0b1e-4c37-9a55-5f6f0f6b2f10'
const REGULAR_SET = '6d1f7c1e-0b1e-4c37-9a55-5f6f0f6b2f11'

const forAdministrators =
  (handle: Route['handle']): Route['handle'] =>
  (call) => {
    if (!call.user.is_admin) throw forbidden()
    return handle(call)
  }

function permissionSets({ company, query }: Call) {
  const users = [...company.users.values()].filter(({ active_flag }) => active_flag)
  const administrators = users.filter(({ is_admin }) => is_admin).length
  const sets = [
    {
      id: ADMIN_SET,
      name: 'Deals admin',
      description: 'All deals and leads, and how sales is set up.',
      app: 'sales',
      type: 'admin',
      assignment_count: administrators,
    },
    {
      id: REGULAR_SET,
      name: 'Deals regular user',
      description: 'Deals and leads, as far as administrators allow.',
      app: 'sales',
      type: 'regular',
      assignment_count: users.length - administrators,
    },
  ]
  return v1Answer(sets.filter(({ app }) => query['app'] === undefined || query['app'] === app))
}

/** All users have the default role. */
function roles(call: Call) {
  const count = String(call.company.users.size)
  const all = [{ id: 1, parent_role_id: null, name: 'Default', active_flag: true, assignment_count: count, sub_role_count: '0', level: 1 }]
  const { items, pagination } = v1Page(all, call)
  return v1Answer(items, { additional_data: { pagination } })
}

/** Read-only endpoints about a company and its users. */
export const companyRoutes: readonly Route[] = [
  ...v1('GET', '/users/find', 40, findUsers),
  ...v1('GET', '/userSettings', 2, () => v1Answer(settings)),
  ...v1('GET', '/permissionSets', 20, forAdministrators(permissionSets)),
  ...v1('GET', '/roles', 20, forAdministrators(roles)),
]
