import type { Store } from '../../store/store.ts'

/** Longer than any answer is kept and any claim is needed: a read-back goes no further back than its send. */
const KEPT_MS = 25 * 60 * 60_000
/** The embedded database does one thing at a time. */
const BATCH = 100

/** Erases the answers of expired idempotency records, and deletes records older than a day. Returns how many records it changed. */
export async function sweepIdempotencyRecords(store: Pick<Store, 'db' | 'transaction'>, nowMs: number): Promise<number> {
  const now = new Date(nowMs)
  const old = new Date(nowMs - KEPT_MS)
  return (await inBatches(() => eraseAnswers(store, now))) + (await inBatches(() => deleteOld(store, old, now)))
}

async function inBatches(run: () => Promise<number>): Promise<number> {
  for (let touched = 0; ;) {
    const some = await run()
    touched += some
    if (some < BATCH) return touched
  }
}

const eraseAnswers = ({ transaction }: Pick<Store, 'transaction'>, now: Date): Promise<number> =>
  transaction(async (trx) => {
    const expired = await trx
      .selectFrom('intents')
      .select('id')
      .where('expires_at', '<=', now)
      .where('lease_until', '<=', now)
      .where(({ eb, or, exists, selectFrom }) =>
        or([
          eb('answer', 'is not', null),
          eb('name', 'is not', null),
          exists(
            selectFrom('intent_writes as w').select('w.step').whereRef('w.intent_id', '=', 'intents.id').where('w.result', 'is not', null),
          ),
        ]),
      )
      .orderBy('id')
      .limit(BATCH)
      .forUpdate()
      .execute()
    if (expired.length === 0) return 0
    const ids = expired.map(({ id }) => id)
    await trx.updateTable('intent_writes').set({ result: null }).where('intent_id', 'in', ids).where('result', 'is not', null).execute()
    await trx.updateTable('intents').set({ answer: null, name: null }).where('id', 'in', ids).execute()
    return ids.length
  })

async function deleteOld({ db }: Pick<Store, 'db'>, old: Date, now: Date): Promise<number> {
  const deleted = await db
    .deleteFrom('intents')
    .where('id', 'in', ({ selectFrom }) =>
      selectFrom('intents')
        .select('id')
        .where('created_at', '<', old)
        .where('expires_at', '<=', now)
        .where('lease_until', '<=', now)
        .limit(BATCH),
    )
    .returning('id')
    .execute()
  return deleted.length
}
