import { expect } from 'vitest'
import { hookHash, HOOK_USER } from '../src/delivery/ingest/hook-secrets.ts'
import { HOOK_ROUTE } from '../src/adapters/http/hook-handler.ts'
import type { ManagedConnector } from './connections/managed-connector.ts'

/** Path and password of the webhook. */
export const HOOK_SECRET = 'h'.repeat(43)
export const HOOK_HEADERS = { authorization: `Basic ${Buffer.from(`${HOOK_USER}:${HOOK_SECRET}`).toString('base64')}` }

/** A Subscribed is what `subscribe` has made. */
export type Subscribed = Awaited<ReturnType<typeof subscribe>>

/** A subscription of an owner's connection, whose events are fetched, one of them on its way; and a webhook of its source. */
export async function subscribe({ world, store, manage }: ManagedConnector, connection: { key: string }, token: string) {
  const made = await world.http('/subscriptions/TrigDealUpdated', {
    method: 'POST',
    headers: { authorization: `Bearer ${connection.key}`, 'content-type': 'application/json' },
    body: '{"pull":true}',
  })
  expect(made.status, made.text).toBe(201)
  const id = made.body['id'] as string
  const { source, company } = await store.db
    .selectFrom('subscriptions as s')
    .innerJoin('accounts as a', 'a.id', 's.account_id')
    .select(['s.source_id as source', 'a.company_id as company'])
    .where('s.id', '=', id)
    .executeTakeFirstOrThrow()
  const { body } = await manage('POST', `/api/subscriptions/${id}/test`, {}, token)
  const hash = hookHash(HOOK_SECRET)
  await store.db
    .insertInto('hooks')
    .values({ token_hash: hash, password_hash: hash, source_id: source, webhook_id: null, created_at: new Date() })
    .onConflict((conflict) => conflict.column('token_hash').doUpdateSet({ source_id: source }))
    .execute()
  return { id, company, location: made.headers.get('location')!.split('/').at(-1)!, delivery: String(body['id']) }
}

const CALLBACK = { callbackUrl: 'https://example.com/flow?sig=1' }

/** A body that the route takes; of a webhook with whatever `other` has inside. */
export function fittingBody(path: string, name: string, connectionId: string, other: string, subscribed: Subscribed): string {
  if (path === HOOK_ROUTE) return hookBody(name, other, subscribed.company)
  if (path.endsWith('/subscriptions/{trigger}')) return JSON.stringify(name === 'One' ? { pull: true } : CALLBACK)
  if (path.endsWith('/{delivery}')) return JSON.stringify(name === 'One' ? { status: 500, retryAfter: name } : { reason: name })
  if (path.endsWith('/replay')) return JSON.stringify(name === 'One' ? { dead: true } : { since: '2026-11-22T10:00:00Z' })
  if (path === '/api/subscriptions/{id}') return JSON.stringify(CALLBACK)
  if (path === '/api/connections') return JSON.stringify({ name, apiKey: 'sandbox-bob' })
  if (path.startsWith('/api/')) return JSON.stringify({ name, ...(path === '/api/keys' && { connectionId }) })
  return JSON.stringify({ title: name })
}

/** A webhook of the right form, with whatever else in its states. */
function hookBody(id: string, other: string, company: number): string {
  const inside = /^{(.+)}$/s.exec(other)?.[1] ?? '"title":1'
  const meta = { action: 'change', company_id: String(company), entity: 'deal', entity_id: '7', version: '2.0', id }
  return `{"meta":${JSON.stringify({ ...meta, timestamp: '2026-11-22T11:00:00.400Z' })},"data":{${inside},"id":7},"previous":{${inside}}}`
}
