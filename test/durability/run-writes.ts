import { expect } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import type { Row } from '../contract/world.ts'
import { SETTLE_SECONDS, type ManualRecord, type Plan } from './writes-plans.ts'
import { writesWorld, type UpstreamRecord, type CallerReply, type WritesWorld } from './writes-world.ts'

/** Longer than any decision takes. */
const ALL_DECIDED_MS = 15 * 60_000
/** Tolerance of upstream's Date header, in whole seconds. */
const DATE_SECONDS = 6

/** A WritesTally counts the results of the histories, by fault and by caller. */
export type WritesTally = Record<string, Record<string, number>>

/** A CallerRun is one operation that a caller wants done once, with all its replies. */
interface CallerRun {
  headers: Record<string, string>
  /** In the order of arrival; `began` and `ended` by the clock. */
  answers: { reply: CallerReply | undefined; began: number; ended: number; lost: boolean; writesBefore: number }[]
}

/** The input of the operation, and the record that Pipedrive must then have. */
function wantedChange({ operation }: Plan, dealId: number): { input: Row; record: Row } {
  switch (operation) {
    case 'AddActivity':
      return {
        input: { type: 'call', subject: 'Say thanks', due_date: '2026-12-01', note: '<p>Twice &amp; never</p>', deal_id: 1 },
        record: { type: 'call', subject: 'Say thanks', due_date: '2026-12-01', note: '<p>Twice &amp; never</p>', deal_id: 1 },
      }
    case 'AddDeal':
      return {
        input: { title: 'Once', value: 12.5, stage_id: '2', status: 'deleted' },
        record: { title: 'Once', value: 12.5, stage_id: 2 },
      }
    case 'AddDealV2':
      return { input: { title: 'Once', value: 1250.5, stage_id: '1' }, record: { title: 'Once', value: 1250.5, stage_id: 1 } }
    case 'UpdateDealStatus':
      return { input: { dealId, status: 'lost', lost_reason: 'Price' }, record: { status: 'lost', lost_reason: 'Price' } }
    default:
      return { input: { dealId, stage_id: '3', pipeline_id: '1' }, record: { stage_id: 3 } }
  }
}

const succeeded = ({ reply }: CallerRun['answers'][number]) => reply !== undefined && reply.status < 300
const isSettled = (callerRun: CallerRun) => callerRun.answers.some((answer) => succeeded(answer) && !answer.lost)

/** Plays one history, and compares it with the final records in Pipedrive. */
export async function runWrites(plan: Plan, database: Store, tally: WritesTally): Promise<void> {
  const world = writesWorld(plan, database)
  try {
    await world.clock.run(play(plan, world, tally))
  } finally {
    await world.close()
  }
}

async function play(plan: Plan, world: WritesWorld, tally: WritesTally): Promise<void> {
  const { clock } = world
  const { caller, fault } = plan
  const count = (what: string, by = 1) => {
    for (const row of [`fault: ${fault}`, `caller: ${caller}`]) {
      const line = (tally[row] ??= {})
      line[what] = (line[what] ?? 0) + by
    }
  }
  const isCreate = plan.operation.startsWith('Add')
  await world.skew()
  const dealId = isCreate ? 0 : Number((await world.change(2, { title: 'Once' })).data.id)
  if (plan.warm) await world.warmUp(0)
  const { input, record } = wantedChange(plan, dealId)
  const firstId = await world.nextId()
  const startedAt = clock.now()

  const callerRuns: CallerRun[] = Array.from({ length: caller === 'loop of five' ? 5 : 1 }, (_, i) => ({
    headers: { [caller === 'Idempotency-Key' ? 'idempotency-key' : 'x-ms-action-tracking-id']: `run-${i}` },
    answers: [],
  }))

  const manual = { alice: new Map<number, ManualRecord>(), bob: new Map<number, ManualRecord>() }
  /** Some are created before the call. */
  const leadMs = -Math.min(0, ...plan.manualRecords.map(({ seconds }) => seconds)) * 1_000
  const others = plan.manualRecords.map(async (entry) => {
    await clock.sleep(leadMs + entry.seconds * 1_000)
    const other = plan.operation === 'AddActivity' ? { subject: 'Something else' } : { title: 'Something else' }
    if (isCreate) manual[entry.who].set(await world.createManually(entry.who, entry.equal ? record : { ...record, ...other }), entry)
  })
  await clock.sleep(leadMs)
  world.startFaults()

  async function attempt(callerRun: CallerRun, number: number, process: number): Promise<void> {
    const began = clock.now()
    const writesBefore = world.writes()
    const reply = await world.call(process, input, callerRun.headers)
    callerRun.answers.push({ reply, began, ended: clock.now(), lost: plan.lost[number % plan.lost.length]!, writesBefore })
    count('calls')
    if (reply === undefined) count('cut off')
  }
  async function persist(callerRun: CallerRun, first: number): Promise<void> {
    const process = (number: number) => (caller === 'two processes' ? (first + number) % 2 : 0)
    await attempt(callerRun, 0, process(0))
    if (caller === 'gives up') return
    for (const [i, seconds] of plan.waits.entries()) {
      if (isSettled(callerRun)) return
      await clock.sleep(seconds * 1_000)
      await attempt(callerRun, i + 1, process(i + 1))
    }
  }
  const after = async (ms: number, run: () => Promise<void>) => {
    await clock.sleep(ms)
    await run()
  }
  const hosts = callerRuns.map((callerRun, i) => after(i * plan.apartMs, () => persist(callerRun, i)))
  if (caller === 'concurrent duplicates' || caller === 'two processes') hosts.push(after(plan.apartMs, () => persist(callerRuns[0]!, 1)))
  await Promise.all([...hosts, ...others])
  await clock.sleep(ALL_DECIDED_MS)

  // The same call a quarter of an hour later changes nothing.
  const faults = world.stopFaults()
  const recordsBefore = isCreate ? await world.recordsFrom(firstId) : []
  if (!isCreate) {
    if (callerRuns.some(({ answers }) => answers.some(succeeded)))
      expect(await world.record(dealId), 'success without the change').toMatchObject(record)
    await world.change(dealId, { status: 'open', stage_id: 1 })
  }
  if (caller !== 'gives up') for (const callerRun of callerRuns) if (callerRun.answers.some(succeeded)) await attempt(callerRun, 0, 0)

  for (const callerRun of callerRuns) checkAnswers(callerRun, count)
  count('histories')
  count('faults', faults)
  if (isCreate) checkRecords(await world.recordsFrom(firstId), recordsBefore)
  else checkChange(await world.record(dealId))

  function checkRecords(records: UpstreamRecord[], before: UpstreamRecord[]): void {
    expect(records.length, 'a replay created a record').toBe(before.length)
    const ours = records.filter(({ id }) => !manual.alice.has(id) && !manual.bob.has(id))
    const answered = callerRuns.map(answerOf)
    const claimed = answered.flatMap((answer) => (answer ? [Number(answer.body['id'])] : []))
    expect(new Set(claimed).size, 'two runs returned the same record').toBe(claimed.length)
    for (const id of claimed) {
      expect(manual.bob.has(id), "returned another user's record").toBe(false)
      // A process without a baseline takes it within the call.
      if (!plan.warm)
        expect(manual.alice.get(id)?.seconds ?? 0, 'returned a record older than the attempt').toBeGreaterThanOrEqual(-DATE_SECONDS)
      const found = records.find((one) => one.id === id)
      expect(found, 'returned a record that does not exist').toBeDefined()
      expect(found, 'returned other content').toMatchObject({ ...record, ...(plan.operation === 'AddDeal' && { is_deleted: true }) })
    }
    const adopted = claimed.filter((id) => manual.alice.has(id)).length
    count('records', ours.length)
    count('adopted from the same user', adopted)
    for (const { reply } of callerRuns.flatMap(({ answers }) => answers))
      if (FINAL.includes(String(reply?.body['code'])))
        for (const { message } of reply!.body['details'] as { message: string }[])
          expect(
            records.map(({ id }) => id),
            'a candidate that does not exist',
          ).toContain(Number(message))

    // The only case that cannot be detected: a commit after the settle time.
    const mayDouble = fault === 'commit after settle' ? faults : 0
    const doubled = Math.max(0, ours.length - callerRuns.length)
    expect(doubled, 'duplicate record').toBeLessThanOrEqual(mayDouble)
    count('doubled', doubled)
    if (doubled > 0) {
      const latest = ours.slice(-doubled).map(({ add_time }) => Date.parse(String(add_time)) - plan.skewSeconds * 1_000 - startedAt)
      for (const ms of latest) expect(ms, 'duplicated by an early commit').toBeGreaterThanOrEqual(SETTLE_SECONDS * 1_000)
    }
    expect(ours.length + adopted, 'success without a record').toBeGreaterThanOrEqual(claimed.length)
    if (mustSucceed())
      expect(
        callerRuns.map((one) => outcome(one)),
        'no final success',
      ).toEqual(callerRuns.map(() => 'success'))
  }

  function checkChange(deal: UpstreamRecord): void {
    const [status, stage_id] = [deal['status'], deal['stage_id']]
    const replayed = callerRuns.filter(({ answers }) => answers.some(succeeded)).length
    // A host that gave up may have left a repeat, but none arrives a quarter of an hour later.
    expect({ status, stage_id }, 'a replay has changed the deal').toEqual({ status: 'open', stage_id: 1 })
    count('records', replayed)
    if (mustSucceed())
      expect(
        callerRuns.map((one) => outcome(one)),
        'no final success',
      ).toEqual(callerRuns.map(() => 'success'))
  }

  /** Whether a caller that repeated to the end must have received a success. */
  function mustSucceed(): boolean {
    if (caller === 'gives up' || plan.times > 1 || fault === 'commit after settle') return false
    if (plan.dateHeader === 'missing' && isCreate) return false
    // An equal record that the same user added by hand is ambiguous: the caller must decide.
    return !isCreate || plan.manualRecords.every(({ who, equal }) => who === 'bob' || !equal)
  }
}

const answerOf = ({ answers }: CallerRun): CallerReply | undefined => answers.find(succeeded)?.reply

/** The final result of a run. */
const outcome = (callerRun: CallerRun): string => {
  const last = callerRun.answers.findLast(({ reply }) => reply !== undefined)?.reply
  return answerOf(callerRun) ? 'success' : last ? `${last.status} ${String(last.body['code'])}` : 'cut off'
}

/** Codes that a repeat does not change. */
const FINAL = ['OutcomeUnknown', 'DealNotDeleted']

/** A repeat returns the first response, marked as replayed, and sends nothing. */
function checkAnswers(callerRun: CallerRun, count: (what: string) => void): void {
  const { answers } = callerRun
  count(outcome(callerRun))
  const first = answers.filter(succeeded).toSorted((a, b) => a.ended - b.ended)[0]
  for (const { reply } of answers) {
    if (reply) expect([200, 201, 409, 429, 503], reply.text).toContain(reply.status)
    if (!reply || reply.status < 300) continue
    const code = String(reply.body['code'])
    if (reply.status === 409) expect([...FINAL, 'WriteUndecided', 'WriteRunning'], reply.text).toContain(code)
    if (!FINAL.includes(code)) expect(Number(reply.headers.get('retry-after')), reply.text).toBeGreaterThan(0)
  }
  if (!first) return
  for (const later of answers) {
    if (later === first || later.began < first.ended || !later.reply) continue
    const { reply } = later
    expect([reply.status, reply.text], 'a repeat returned another response').toEqual([first.reply!.status, first.reply!.text])
    expect(reply.headers.get('x-dealbridge-replayed'), 'a repeat was not replayed').toBe('true')
    expect(reply.headers.get('x-dealbridge-warning')).toBe(first.reply!.headers.get('x-dealbridge-warning'))
    count('replayed')
  }
}
