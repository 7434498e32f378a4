/**
 * A Pipedrive to develop and test against: stateful, in memory, without an account.
 *
 * ```ts
 * import { createSandbox } from 'dealbridge/sandbox'
 *
 * const sandbox = createSandbox()
 * const answer = await sandbox.fetch(
 *   new Request('https://api.pipedrive.com/api/v2/deals?status=open&limit=5', { headers: { 'x-api-token': 'sandbox-alice' } }),
 * )
 * ```
 *
 * On a port of its own: `npx dealbridge sandbox --port 8081`, or `serveSandbox({ sandbox, port: 0 })`.
 *
 * **What is there.** Under /api/v2: deals (also archived), activities, persons and organizations (list, get, create, patch, delete), stages,
 * pipelines, products with their variations, what deals have of products, discounts and installments, the definitions of fields, followers,
 * searches, and conversions between deals and leads. Under /v1 and /api/v1: users, notes, leads with labels and sources, participants,
 * permittedUsers, changelog, flow, duplicate and merge, recents, roles, permissionSets, userSettings, activityTypes, currencies. Strict
 * validation in v2, keyset cursors, include_fields, soft deletion for 30 days, rate and budget headers with the real token prices.
 *
 * **Who sees what.** Owner, followers, visibility group with its sub-groups, company: as the plan has it, in lists, by id, in searches and for
 * the receivers of webhooks. What is hidden is a 404. Stages and pipelines are written by administrators only; others get a 403.
 *
 * **Fields.** Administrators define fields and options of deals, persons, organizations and products (`POST /api/v2/dealFields` …). Values of all
 * sixteen types are taken in the strict forms of API v2 only; `custom_fields=`, `include_option_labels` and `include_labels` work as documented.
 * Deal 8 of the first company has a value of nearly each type.
 *
 * **Webhooks.** `POST /v1/webhooks` takes receivers on this machine too (`strictUrls` plays the real check). They get version 2.0 payloads, with
 * Basic auth, 10 s for an answer in real time, retries after 3, 30 and 150 s of the sandbox's time, the ban after 10 first failures, and the
 * removal after 3 days. `createSandbox({ deliver })` hands deliveries to a function instead of the network; `webhooks()` tells what became of
 * each. A snapshot keeps webhooks, counters, deliveries and pending retries; one that was under way when the process ended is made again.
 *
 * **What is not.** Every other operation of Pipedrive answers 501 and says its name; the unsupported v1 routes answer 410.
 * No filters, no OAuth.
 *
 * **Whose data.** `sandbox-alice` (administrator) and `sandbox-bob` (sees less) work at a company on a small plan; `sandbox-carol` works at
 * another, on a larger plan, in German. Each company has its own deals 1, 2, 3 … The data depends on the clock alone.
 *
 * **What is not known.** Where Pipedrive's behaviour is not public and clients depend on it, `behaviour.ts` has a switch with the assumption and its
 * alternatives: `sandbox.behaviour.getArchivedDeal = '404'`. Code that works in every position is safe. docs/sandbox.md lists the other assumptions.
 *
 * **In tests.** `await sandbox.clock.advance('3d')` moves time, and what becomes due on the way happens in order; or give it a `manualClock` of
 * your own. `sandbox.faults.add({ kind: 'reset', when: 'after', method: 'POST', times: 1 })` breaks a connection after the work was done, and
 * there are eight more kinds. `requests()` tells what was called and what it cost; `reset()` starts over; `behaviour.limits = 'on'` refuses what
 * Pipedrive refuses; `lateCommits(5)` makes new records readable 5 s after they got their id; `restoreDeal(id)` undoes a deletion.
 * Any number of sandboxes live side by side and share nothing. Over HTTP, without a key: `/_sandbox/reset`, `/_sandbox/requests`,
 * `/_sandbox/behaviour`, `/_sandbox/clock`, `/_sandbox/faults`, `/_sandbox/meters`, and `GET /healthz`.
 */
export { createSandbox, type Sandbox, type SandboxClock, type SandboxKey, type SandboxOptions } from './sandbox.ts'
export type { Behaviour } from './behaviour.ts'
export type { SeedFile } from './seed/seed-schema.ts'
export type { Snapshot } from './state/snapshot.ts'
export type { CompanyMeter } from './quota.ts'
export { type Fault, type FaultRule, type Faults, InvalidFault } from './faults.ts'
export { BrokenConnection, type BrokenExchange, type Exchange } from './exchange.ts'
export type { RequestRecord } from './request-log.ts'
export type { Deliver, DeliveryRequest, DeliveryResult } from './webhooks/deliver.ts'
export type { Payload as WebhookPayload } from './webhooks/webhook-rows.ts'
export type { Overview as WebhookOverview, ShownDelivery, ShownWebhook } from './webhooks/webhook-control.ts'
export { serveSandbox, type ServedSandbox, type ServeSandboxOptions } from './serve.ts'
export { type Clock, type ManualClock, manualClock, systemClock } from './clock.ts'
