/**
 * A Pipedrive look-alike to develop and test against: stateful, in memory or on disk, without an account.
 *
 * ```ts
 * import { createSandbox } from '@dealbridge/sandbox'
 *
 * const sandbox = createSandbox()
 * const answer = await sandbox.fetch(
 *   new Request('https://api.pipedrive.com/api/v2/deals?status=open&limit=5', { headers: { 'x-api-token': 'sandbox-alice' } }),
 * )
 * ```
 *
 * On a port: `npx @dealbridge/sandbox --port 8081`, or `serveSandbox({ sandbox, port: 0 })`.
 *
 * **Operations.** Under /api/v2: deals (also archived), activities, persons and organizations (list, get, create, patch, delete), stages,
 * pipelines, products with variations, products of deals, discounts and installments, field definitions, followers, searches, and conversions
 * between deals and leads. Under /v1 and /api/v1: users, notes, leads with labels and sources, participants, permittedUsers, changelog, flow,
 * duplicate and merge, recents, roles, permissionSets, userSettings, activityTypes, currencies. Strict validation in v2, keyset cursors,
 * include_fields, soft deletion for 30 days, rate limit and budget headers with Pipedrive's token prices.
 *
 * **Visibility.** By owner, followers, visibility group with its sub-groups, or company, depending on the plan; in lists, by id, in searches and
 * for the endpoints of webhooks. A hidden record is a 404. Only administrators write stages and pipelines; other users get a 403.
 *
 * **Fields.** Administrators define fields and options of deals, persons, organizations and products (`POST /api/v2/dealFields` …). Values of all
 * sixteen types must have the strict forms of API v2; `custom_fields=`, `include_option_labels` and `include_labels` work as documented. Deal 8 of
 * the first company has a value of nearly every type.
 *
 * **Webhooks.** `POST /v1/webhooks` also accepts endpoints on this machine (`strictUrls` checks URLs as Pipedrive does). Deliveries are version 2.0
 * payloads with Basic auth, a timeout of 10 s in real time, retries after 3, 30 and 150 s of the sandbox's time, a ban after 10 failed first
 * attempts, and removal after 3 days. `createSandbox({ deliver })` passes deliveries to a function instead of the network; `webhooks()` returns
 * their results. A snapshot contains webhooks, counters, deliveries and pending retries; an attempt that was active when the process ended is
 * repeated.
 *
 * **Not supported.** All other operations of Pipedrive answer 501 with their name; removed v1 endpoints answer 410. No filters, no OAuth.
 *
 * **Data.** `sandbox-alice` (administrator) and `sandbox-bob` (sees less) are users of a company on a small plan; `sandbox-carol` is a user of
 * another one, on a larger plan, in German. Each company has its own deals 1, 2, 3 … The data depends only on the clock.
 *
 * **Assumptions.** Where Pipedrive's behaviour is not public and clients depend on it, `behaviour.ts` has a switch with the assumption and its
 * alternatives: `sandbox.behaviour.getArchivedDeal = '404'`. Code that works with every value is safe. docs/sandbox.md lists the other assumptions.
 *
 * **In tests.** `await sandbox.clock.advance('3d')` moves time and runs due work in order; or pass your own `manualClock`.
 * `sandbox.faults.add({ kind: 'reset', when: 'after', method: 'POST', times: 1 })` breaks a connection after the write was executed; there are eight
 * more kinds. `requests()` returns the requests with their prices; `reset()` restores the initial state; `behaviour.limits = 'on'` enforces the
 * limits; `lateCommits(5)` makes new records readable 5 s after they got their id; `restoreDeal(id)` undoes a deletion. Sandboxes share nothing.
 * Over HTTP, without a key: `/_sandbox/reset`, `/_sandbox/requests`, `/_sandbox/behaviour`, `/_sandbox/clock`, `/_sandbox/faults`,
 * `/_sandbox/meters`, and `GET /healthz`.
 */
export { createSandbox, type Sandbox, type SandboxClock, type SandboxKey, type SandboxOptions } from './sandbox.ts'
export type { Behaviour } from './behaviour.ts'
export type { SeedFile } from './seed/seed-schema.ts'
export type { Snapshot } from './state/snapshot.ts'
export type { CompanyMeter } from './quota.ts'
export { type Fault, type FaultRule, type Faults, InvalidFault } from './fault-rules.ts'
export { BrokenConnection, type BrokenExchange, type Exchange } from './request-outcome.ts'
export type { RequestRecord } from './request-log.ts'
export type { Deliver, DeliveryRequest, DeliveryResult } from './webhooks/deliver.ts'
export type { Payload as WebhookPayload } from './webhooks/webhook-rows.ts'
export type { Overview as WebhookOverview, ShownDelivery, ShownWebhook } from './webhooks/webhook-control.ts'
export { serveSandbox, type ServedSandbox, type ServeSandboxOptions } from './serve.ts'
export { type Clock, type ManualClock, manualClock, systemClock } from './clock.ts'
