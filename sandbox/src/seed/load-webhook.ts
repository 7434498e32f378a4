import type { Company } from '../state/company.ts'
import type { Days } from './relative-days.ts'
import type { WebhookSeed } from './company-seed.ts'

export function loadWebhook({ webhooks }: Company, seed: WebhookSeed, days: Days): void {
  webhooks.insert({
    add_time: days.time(seed.added).replace('Z', '.000Z'),
    update_time: null,
    is_deleted: false,
    readable_from: 0,
    deleted_at: null,
    name: seed.name,
    subscription_url: seed.url,
    event_action: seed.action,
    event_object: seed.object,
    version: '2.0',
    user_id: seed.user,
    owner_id: seed.user,
    http_auth_user: seed.login ?? null,
    http_auth_password: seed.password ?? null,
    remove_reason: null,
    remove_time: null,
    last_delivery_time: null,
    last_http_status: null,
    ban_count: 0,
    banned_until: null,
    failing_since: null,
  })
}
