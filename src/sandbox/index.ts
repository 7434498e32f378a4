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
 * pipelines and deal fields (read). Under /v1 and /api/v1: users, users/me, activityTypes, currencies. Strict validation, keyset cursors,
 * include_fields, visibility, soft deletion for 30 days, rate and budget headers with the real token prices.
 *
 * **What is not.** Every other operation of Pipedrive answers 501 and says its name; the unsupported v1 routes answer 410.
 * No custom fields and labels of contacts, no filters, no webhooks, no OAuth.
 *
 * **Whose data.** `sandbox-alice` (administrator) and `sandbox-bob` (sees less) work at a company on a small plan; `sandbox-carol` works at
 * another, on a larger plan, in German. Each company has its own deals 1, 2, 3 … The data depends on the clock alone.
 *
 * **What nobody knows.** Where Pipedrive's behaviour is not public, `behaviour.ts` names the assumption and the alternatives; each is a switch:
 * `sandbox.behaviour.getArchivedDeal = '404'`. Code that works in every position is safe.
 *
 * **In tests.** Give it a `manualClock` and move time; `requests()` tells what was called and what it cost; `reset()` starts over;
 * `lateCommits(5)` makes new records readable 5 s after they got their id; `restoreDeal(id)` undoes a deletion. Over HTTP, without a key:
 * `POST /_sandbox/reset`, `GET /_sandbox/requests`, `GET` and `POST /_sandbox/behaviour`, `GET /healthz`.
 */
export { createSandbox, type Sandbox, type SandboxKey, type SandboxOptions } from './sandbox.ts'
export type { Behaviour } from './behaviour.ts'
export type { RequestRecord } from './request-log.ts'
export { serveSandbox, type ServedSandbox, type ServeSandboxOptions } from './serve.ts'
export { type Clock, type ManualClock, manualClock, systemClock } from '../kit/clock.ts'
