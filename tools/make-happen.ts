import type { Trigger } from '../src/catalog/define.ts'
import type { EventType } from '../src/catalog/contract/records/record-kind.ts'

/** An Ask is a request to Pipedrive itself, as people make by hand in its pages; the answer is its data. */
export type Ask = (method: string, path: string, body?: Record<string, unknown>) => Promise<unknown>

/** What is written to make it happen, in turns, so that each time it happens anew; what stands before the last write undoes the one before. */
const CHANGES: Record<Exclude<EventType, 'added' | 'deleted'>, readonly (readonly Record<string, unknown>[])[]> = {
  updated: [[{ probability: 10 }], [{ probability: 20 }]],
  moved: [[{ stage_id: 2 }], [{ stage_id: 1 }]],
  won: [[{ status: 'won' }], [{ status: 'open' }, { status: 'won' }]],
  lost: [[{ status: 'lost' }], [{ status: 'open' }, { status: 'lost' }]],
  done: [[{ done: true }], [{ done: false }, { done: true }]],
}
const OF_ACTIVITIES: readonly (readonly Record<string, unknown>[])[] = [[{ priority: 1 }], [{ priority: 2 }]]

/** Makes what this trigger waits for happen to a record that is linked to others, once with each call. */
export function makeHappen({ record: about, event: happening }: Trigger, ask: Ask, restore: (id: number) => void): () => Promise<void> {
  const path = about.name === 'deal' ? '/api/v2/deals' : '/api/v2/activities'
  let turn = 0
  let id: number | undefined
  return async () => {
    if (id === undefined) {
      const rows = (await ask('GET', `${path}?limit=1${about.name === 'activity' ? '&done=false' : ''}`)) as { id: number }[]
      id = rows[0]!.id
    }
    if (happening === 'added') throw new Error('an operation adds records')
    if (happening === 'deleted') {
      if (turn++ > 0) restore(id)
      await ask('DELETE', `${path}/${id}`)
      return
    }
    const changes = about.name === 'activity' && happening === 'updated' ? OF_ACTIVITIES : CHANGES[happening]
    for (const change of changes[turn++ % changes.length]!) await ask('PATCH', `${path}/${id}`, change)
  }
}
