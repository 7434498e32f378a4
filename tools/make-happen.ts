import type { Trigger } from '../src/catalog/define.ts'
import type { EventType } from '../src/catalog/contract/records/record-kind.ts'

/** An Ask is a request to Pipedrive itself, as its own pages send. It returns the data of the answer. */
export type Ask = (method: string, path: string, body?: Record<string, unknown>) => Promise<unknown>

/** The writes that cause each event, in turns, so that each turn causes it again. All writes but the last of a turn undo the turn before. */
const CHANGES: Record<Exclude<EventType, 'added' | 'deleted'>, readonly (readonly Record<string, unknown>[])[]> = {
  updated: [[{ probability: 10 }], [{ probability: 20 }]],
  moved: [[{ stage_id: 2 }], [{ stage_id: 1 }]],
  won: [[{ status: 'won' }], [{ status: 'open' }, { status: 'won' }]],
  lost: [[{ status: 'lost' }], [{ status: 'open' }, { status: 'lost' }]],
  done: [[{ done: true }], [{ done: false }, { done: true }]],
}
const OF_ACTIVITIES: readonly (readonly Record<string, unknown>[])[] = [[{ priority: 1 }], [{ priority: 2 }]]

/** Causes the trigger's event on a record that is linked to others, once with each call. */
export function makeHappen({ record, event }: Trigger, ask: Ask, restore: (id: number) => void): () => Promise<void> {
  const path = record.name === 'deal' ? '/api/v2/deals' : '/api/v2/activities'
  let turn = 0
  let id: number | undefined
  return async () => {
    if (id === undefined) {
      const rows = (await ask('GET', `${path}?limit=1${record.name === 'activity' ? '&done=false' : ''}`)) as { id: number }[]
      id = rows[0]!.id
    }
    if (event === 'added') throw new Error('an operation adds records')
    if (event === 'deleted') {
      if (turn++ > 0) restore(id)
      await ask('DELETE', `${path}/${id}`)
      return
    }
    const changes = record.name === 'activity' && event === 'updated' ? OF_ACTIVITIES : CHANGES[event]
    for (const change of changes[turn++ % changes.length]!) await ask('PATCH', `${path}/${id}`, change)
  }
}
