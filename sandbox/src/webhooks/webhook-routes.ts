import * as z from 'zod'
import type { Behaviour } from '../behaviour.ts'
import { type Answer, json, Refusal, unauthorized, wording } from '../http/answer.ts'
import { readJson } from '../http/validation.ts'
import type { Call, Route } from '../resources/route.ts'
import { v1 } from '../resources/v1.ts'
import type { Caller } from '../state/caller.ts'
import { type Deliver } from './deliver.ts'
import { preciseTime, removed } from './delivery-policy.ts'
import { probeRequest } from './delivery-request.ts'
import { EVENT_ACTIONS, EVENT_OBJECTS, type WebhookRow } from './webhook-rows.ts'
import { isSubscriptionUrl } from './subscription-url.ts'

/** Limit of webhooks per user whose permissions filter the events. */
const MOST_PER_USER = 40
const LONGEST_NAME = 255
const UNREACHABLE = 'invalid or non-reachable URL'

const refused = (status: number, field: string, text: string): Refusal =>
  new Refusal(json(status, { status: 'error', success: false, errors: { [field]: [text] } }))

function administratorsOnly({ user, behaviour }: Caller): void {
  if (user.is_admin) return
  throw new Refusal(behaviour.webhooksForUsers === 401 ? unauthorized() : json(403, { success: false, message: 'Forbidden' }))
}

const show = (hook: WebhookRow, { company }: Caller) => ({
  id: hook.id,
  company_id: company.id,
  owner_id: hook.owner_id,
  user_id: hook.user_id,
  event_action: hook.event_action,
  event_object: hook.event_object,
  subscription_url: hook.subscription_url,
  version: hook.version,
  is_active: hook.is_deleted ? 0 : 1,
  add_time: hook.add_time,
  remove_time: hook.remove_time,
  type: 'general',
  http_auth_user: hook.http_auth_user,
  http_auth_password: hook.http_auth_password,
  remove_reason: hook.remove_reason,
  last_delivery_time: hook.last_delivery_time,
  last_http_status: hook.last_http_status,
  admin_id: hook.owner_id,
  name: hook.name,
})

const success = (data?: unknown, status = 200): Answer => json(status, { status: 'ok', success: true, ...(data !== undefined && { data }) })

/** The refusal of a value; the zod message becomes the error text. */
const oneOf = <const T extends readonly string[]>(values: T, behaviour: Readonly<Behaviour>) =>
  z.enum(values, { error: wording(behaviour, 'notOneOf', values.map((value) => `'${value}'`).join(', ')) })

const bodyOf = (behaviour: Readonly<Behaviour>) => {
  const text = () => z.string({ error: "The value is not a valid 'string'" })
  return z.object({
    subscription_url: text().refine((url) => isSubscriptionUrl(url, behaviour.strictUrls === 'on'), { error: UNREACHABLE }),
    event_action: oneOf(EVENT_ACTIONS, behaviour),
    event_object: oneOf(EVENT_OBJECTS, behaviour),
    name: text()
      .min(1, { error: wording(behaviour, 'empty') })
      .max(LONGEST_NAME, { error: wording(behaviour, 'tooLong', String(LONGEST_NAME)) }),
    user_id: z.int({ error: "The value is not a valid 'integer'" }).optional(),
    http_auth_user: text().nullish(),
    http_auth_password: text().nullish(),
    version: oneOf(['2.0'], behaviour).default('2.0'),
  })
}

/** Validates the body; refuses with the errors of each field. */
function readBody({ body, behaviour }: Call) {
  const input = readJson(body, behaviour)
  const result = bodyOf(behaviour).safeParse(input)
  if (result.success) return result.data
  const errors: Record<string, string[]> = {}
  for (const { path, message } of result.error.issues) {
    const field = String(path[0])
    ;(errors[field] ??= []).push(Object.hasOwn(input, field) ? message : wording(behaviour, 'required'))
  }
  throw new Refusal(json(400, { status: 'error', success: false, errors }))
}

function create(call: Call): Answer {
  administratorsOnly(call)
  const { company, user, behaviour, now } = call
  const { user_id = user.id, ...input } = readBody(call)
  if (!company.users.get(user_id)?.active_flag) throw refused(400, 'user_id', wording(behaviour, 'notFound', 'User'))
  const others = [...company.webhooks.walk()].filter((hook) => !hook.is_deleted && hook.user_id === user_id)
  if (others.length >= MOST_PER_USER) throw refused(422, 'user_id', wording(behaviour, 'webhooksLimit', String(MOST_PER_USER)))
  const hook = company.webhooks.insert({
    ...input,
    user_id,
    owner_id: user.id,
    http_auth_user: input.http_auth_user ?? null,
    http_auth_password: input.http_auth_password ?? null,
    add_time: preciseTime(now * 1000),
    update_time: null,
    is_deleted: false,
    readable_from: 0,
    deleted_at: null,
    remove_reason: null,
    remove_time: null,
    last_delivery_time: null,
    last_http_status: null,
    ban_count: 0,
    banned_until: null,
    failing_since: null,
  })
  return success(show(hook, call), 201)
}

/** With strictUrls, checks as Pipedrive does that the endpoint is reachable and does not redirect. Refuses first, without a request, what `create` refuses. */
async function probe(call: Call, deliver: Deliver): Promise<void> {
  if (call.behaviour.strictUrls === 'off') return
  administratorsOnly(call)
  const result = await deliver(probeRequest(readBody(call).subscription_url))
  if ('failed' in result || (result.status >= 300 && result.status <= 399)) throw refused(400, 'subscription_url', UNREACHABLE)
}

function list(call: Call): Answer {
  administratorsOnly(call)
  const all = [...call.company.webhooks.walk()].filter((hook) => !hook.is_deleted)
  return success(all.map((hook) => show(hook, call)))
}

function remove(call: Call): Answer {
  administratorsOnly(call)
  const { company, params, now } = call
  const id = params['id'] ?? ''
  const hook = /^\d+$/.test(id) ? company.webhooks.get(Number(id)) : undefined
  if (!hook || hook.is_deleted) throw refused(404, 'id', 'not found')
  company.webhooks.change(hook, removed(now * 1000, null))
  return success()
}

export const webhookRoutes: readonly Route[] = [
  ...v1('GET', '/webhooks', 10, list),
  ...v1('POST', '/webhooks', 10, create).map((route): Route => ({ ...route, before: probe })),
  ...v1('DELETE', '/webhooks/:id', 6, remove),
]
