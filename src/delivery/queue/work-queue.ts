import { randomUUID } from 'node:crypto'
import { sql, type RawBuilder } from 'kysely'
import type { Clock } from '../../kit/clock.ts'
import type { Logger } from '../../kit/logger.ts'
import { storeReason } from '../../store/store-reason.ts'
import type { Store } from '../../store/store.ts'
import { NEVER } from '../deps.ts'

/** A Lease says whether this process still has a lane for itself. */
export interface Lease {
  /** False once another process may have taken it over, and when this one is to end: then begin nothing more. */
  isHeld(): boolean
}

/**
 * Lanes are rows that are worked on one at a time each, and side by side: sources, and subscriptions. A row is due from `due_at` on; whoever has
 * work for it sets that to now. Any number of processes claim them, a process that dies loses its own after LEASE_SECONDS. A slow lane
 * delays no other.
 */
export interface WorkQueue {
  /** There is something to do now. */
  wake(): void
  start(): Promise<void>
  /** Claims nothing more, and waits for what runs. */
  stop(): Promise<void>
}

export interface WorkQueueOptions {
  table: 'sources' | 'subscriptions'
  store: Store
  clock: Clock
  logger: Logger
  /** How many lanes this process works on at once. */
  concurrency: number
  /** Does what is due; answers when there is more to do, nothing when not until somebody says so. What it throws is logged, and tried again. */
  run(id: string, lease: Lease): Promise<Date | undefined>
}

/** By the database's clock: the clocks of processes differ, and jump. */
export const LEASE_SECONDS = 30
export const RENEW_EVERY_MS = 8_000
/** By this process's own steady clock, which never jumps: before the database gives the lane away. */
const HELD_MS = 24_000
/** Signals can be lost, and other processes may have died. */
const LOOK_EVERY_MS = 1_000
const AGAIN_AFTER_FAILURE_MS = 10_000
const PAUSE_MS = 5
/** Clocks are mended by less all the time. */
const SET_BACK_MS = 2_000
/** In a condition: this statement need not be on the disk when it is confirmed, which costs as much as everything else about it. */
const UNFLUSHED = sql`(select set_config('synchronous_commit', 'off', true)) is not null`

export function createWorkQueue({ table, store, clock, logger, concurrency, run }: WorkQueueOptions): WorkQueue {
  const me = randomUUID()
  const held = new Map<string, { since: number; done: Promise<void> }>()
  let claiming: Promise<void> | undefined
  let again = false
  let lookForLeft = false
  let timers: NodeJS.Timeout[] = []
  let running = false
  /** The latest look, by the clock that may be set back; and how often it was. */
  let seenAt = -Infinity
  let setBacks = 0
  let unlisten = () => {}
  // Where there are several, a claim that a crash of the database forgets would let another have the lane beside us. What is lost of the others
  // costs nothing but the time of a lease.
  const cheaply = store.kind === 'postgres' ? sql`true` : UNFLUSHED
  const lease = sql`leased_until = now() + make_interval(secs => ${LEASE_SECONDS})`

  const take = async (which: RawBuilder<unknown>, order: 'due_at' | 'leased_until', limit: number): Promise<string[]> => {
    const { rows } = await sql<{ id: string }>`
      with due as (
        select id from ${sql.table(table)} where ${which} and id <> all(${[...held.keys()]}::text[])
        order by ${sql.ref(order)} limit ${limit} for update skip locked
      )
      update ${sql.table(table)} as t set due_at = ${NEVER}, leased_by = ${me}, ${lease}
      from due where t.id = due.id and ${cheaply} returning t.id`.execute(store.db)
    return rows.map(({ id }) => id)
  }
  /** What others have left behind, now and then. Not what this very process has lost and still works on: a lane is never worked on twice at once. */
  const claim = async (limit: number): Promise<string[]> => {
    // Ours, and yet not in work: the database was away when it was claimed or given back.
    const isLeft = sql`leased_until is not null and (leased_until < now() or leased_by = ${me})`
    const left = lookForLeft ? await take(isLeft, 'leased_until', limit) : []
    lookForLeft = false
    if (left.length === limit) return left
    const due = await take(sql`due_at <= ${new Date(clock.now())} and leased_until is null`, 'due_at', limit - left.length)
    return [...left, ...due]
  }

  /** If it is still ours: another process's lease is not ours to end. Answers whether there is work again. */
  const release = async (id: string, due: Date | undefined): Promise<boolean> => {
    const { rows } = await sql<{ due_at: Date }>`
      update ${sql.table(table)} set leased_until = null, leased_by = null, due_at = least(due_at, ${due ?? NEVER})
      where id = ${id} and leased_by = ${me} and ${UNFLUSHED} returning due_at`.execute(store.db)
    return rows.some(({ due_at: at }) => at.getTime() <= clock.now())
  }

  const renew = async (): Promise<void> => {
    const ids = [...held.keys()]
    if (ids.length === 0) return
    const since = performance.now()
    try {
      // Locked in the order of their ids, as everybody does who changes several: two that wait for each other would wait in vain.
      const { rows } = await sql<{ id: string }>`
        with mine as (
          select id from ${sql.table(table)} where id = any(${ids}::text[]) and leased_by = ${me} and leased_until >= now()
          order by id for no key update
        )
        update ${sql.table(table)} as t set ${lease} 
        from mine where t.id = mine.id and ${cheaply} returning t.id`.execute(store.db)
      const kept = new Set(rows.map(({ id }) => id))
      for (const id of ids) {
        const lane = held.get(id)
        // One that was claimed anew meanwhile is newer than this answer.
        if (lane && lane.since <= since) lane.since = kept.has(id) ? since : -Infinity
      }
    } catch (error) {
      logger.warn({ table, reason: storeReason(error) }, 'leases could not be renewed')
    }
  }

  async function work(id: string): Promise<void> {
    // Once is for good: what was left out because of it must not be taken for done when the lease turns out to be ours after all.
    let lost = false
    const era = setBacks
    const isHeld = () => {
      lost ||= !running || performance.now() - (held.get(id)?.since ?? -Infinity) >= HELD_MS
      return !lost
    }
    let due: Date | undefined
    try {
      due = await run(id, { isHeld })
      // Told to end, or in doubt, it may have left work undone.
      if (!isHeld() || era !== setBacks) due = new Date(clock.now())
    } catch (error) {
      logger.error({ table, id, error }, 'work on a lane has failed, and is tried again')
      due = new Date(clock.now() + AGAIN_AFTER_FAILURE_MS)
    }
    // Others may have waited for the room.
    let again = held.size >= concurrency
    try {
      again = (await release(id, due)) || again
    } catch (error) {
      logger.warn({ table, id, reason: storeReason(error) }, 'a lane could not be given back, and is looked at again')
    } finally {
      held.delete(id)
      if (again) wake()
    }
  }

  async function claimAll(): Promise<void> {
    do {
      again = false
      const free = concurrency - held.size
      if (!running || free <= 0) return
      const since = performance.now()
      const ids = await claim(free)
      for (const id of ids) {
        const lane = { since, done: Promise.resolve() }
        held.set(id, lane)
        lane.done = work(id)
      }
      if (ids.length === free) return
    } while (again)
  }

  function wake(): void {
    again = true
    if (claiming || !running) return
    claiming = claimAll()
      .catch((error: unknown) => logger.warn({ table, reason: storeReason(error) }, 'lanes could not be claimed, and are looked for again'))
      .finally(() => {
        claiming = undefined
        // Not at once: a database that is away would be asked without a pause.
        if (again && held.size < concurrency) setTimeout(wake, PAUSE_MS).unref()
      })
  }

  /** What was to be done at once by a clock that has been set back would wait for hours. To look at a lane once too often costs nothing. */
  async function afterSetBack(): Promise<void> {
    const now = clock.now()
    if (now < seenAt - SET_BACK_MS) {
      await sql`
        with later as (
          select id from ${sql.table(table)} where due_at > ${new Date(now)} and due_at < ${NEVER} order by id for no key update
        )
        update ${sql.table(table)} as t set due_at = ${new Date(now)} from later where t.id = later.id`.execute(store.db)
      setBacks++
      logger.warn({ table, seconds: Math.round((seenAt - now) / 1_000) }, 'the clock was set back; all lanes are looked at')
    }
    seenAt = now
  }

  const look = (): void => {
    lookForLeft = true
    afterSetBack()
      .catch((error: unknown) =>
        logger.warn({ table, reason: storeReason(error) }, 'the clock was set back, and lanes are looked at a moment later'),
      )
      .finally(wake)
  }

  return {
    wake,
    async start() {
      running = true
      // An embedded database has one process: what is leased was left by one that died.
      if (store.kind !== 'postgres')
        await sql`update ${sql.table(table)} set leased_until = null, leased_by = null, due_at = created_at where leased_until is not null`.execute(
          store.db,
        )
      unlisten = store.onSignal(table, wake)
      timers = [setInterval(look, LOOK_EVERY_MS).unref(), setInterval(() => void renew(), RENEW_EVERY_MS).unref()]
      look()
    },
    async stop() {
      running = false
      unlisten()
      // Renewing goes on while what runs comes to its end.
      clearInterval(timers[0])
      await claiming
      await Promise.all([...held.values()].map(({ done }) => done))
      for (const timer of timers) clearInterval(timer)
    },
  }
}
