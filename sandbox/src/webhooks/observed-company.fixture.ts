import { manualClock } from '../clock.ts'
import { createBehaviour } from '../behaviour.ts'
import { loadWorld } from '../seed/load-world.ts'
import type { ChangeOrigin } from '../state/change-origin.ts'
import type { Company } from '../state/company.ts'
import { createTimeline, type Timeline } from '../timeline.ts'
import type { Payload } from './webhook-rows.ts'
import { createWebhooks, type Webhooks } from './webhooks.ts'

export const alice = 21470311
export const bob = 21470312
export const now = '2026-11-22T10:00:00Z'

/** The shared columns of a new record. */
export const freshRow = { add_time: now, update_time: now, is_deleted: false, readable_from: 0, deleted_at: null }

/** An ObservedCompany is a company whose tables a test changes, and the payloads of its webhook for all events. */
export interface ObservedCompany {
  company: Company
  webhooks: Webhooks
  timeline: Timeline
  payloads: Payload[]
  /** The origin of changes; undefined means Pipedrive's web app. */
  origin: { is: ChangeOrigin | undefined }
}

export function observedCompany(): ObservedCompany {
  const timeline = createTimeline(manualClock())
  const { company } = loadWorld(Math.floor(timeline.now() / 1000)).get('sandbox-alice')!
  const payloads: Payload[] = []
  const origin: ObservedCompany['origin'] = { is: undefined }
  const deliver = (request: { body: string }) => {
    payloads.push(JSON.parse(request.body) as Payload)
    return Promise.resolve({ status: 200 })
  }
  const webhooks = createWebhooks({ timeline, behaviour: createBehaviour(), currentOrigin: () => origin.is, deliver })
  company.webhooks.insert({
    ...freshRow,
    name: 'all',
    subscription_url: 'http://127.0.0.1:1/',
    event_action: '*',
    event_object: '*',
    version: '2.0',
    user_id: alice,
    owner_id: alice,
    http_auth_user: null,
    http_auth_password: null,
    remove_reason: null,
    remove_time: null,
    last_delivery_time: null,
    last_http_status: null,
    ban_count: 0,
    banned_until: null,
    failing_since: null,
  })
  webhooks.observe(company)
  return { company, webhooks, timeline, payloads, origin: origin }
}

/** The payloads of a change. */
export async function payloadsOf(change: (company: Company) => void): Promise<Payload[]> {
  const { company, timeline, payloads } = observedCompany()
  change(company)
  await timeline.settle()
  return payloads
}
