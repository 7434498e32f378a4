import { clientBefore, data, refusal, type FakeAnswer, type SeenRequest } from './upstream.fixture.ts'

export const ids = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i)

/** An upstream where every user sees every record but those above 900; the path says the kind. Lists know stages 1 to 3 and users 1 to 20. */
export function upstream(change: (seen: SeenRequest) => FakeAnswer | Promise<FakeAnswer> | undefined = () => undefined) {
  const lists: Record<string, object[]> = {
    stages: [
      { id: 3, pipeline_id: 2, order_nr: 0 },
      { id: 1, pipeline_id: 1, order_nr: 1 },
      { id: 2, pipeline_id: 1, order_nr: 0 },
    ],
    users: ids(20).map((id) => ({ id, name: `users ${id}` })),
    pipelines: [{ id: 1, order_nr: 0 }],
    activityTypes: [{ id: 1, order_nr: 1, key_string: 'call' }],
    currencies: [{ id: 1, code: 'EUR' }],
  }
  const archived = new Set<number>()
  const record = (kind: string, id: number) => ({ id, name: `${kind} ${id}`, is_deleted: false })
  const before = clientBefore((seen) => {
    const changed = change(seen)
    if (changed) return changed
    const { pathname, searchParams } = new URL(seen.path, 'https://x')
    const [, kind, rest] = /^\/api\/v[12]\/([^/]+)\/?(.*)$/.exec(pathname)!
    const wanted = searchParams.get('ids')?.split(',').map(Number)
    if (rest === 'me') return data({ id: 1, company_id: 7 })
    if (rest === 'visible_to')
      return data({
        field_code: 'visible_to',
        options: [
          { id: 3, label: 'b' },
          { id: 1, label: 'a' },
        ],
      })
    if (rest === 'archived') return data(wanted!.filter((id) => archived.has(id)).map((id) => record(kind!, id)))
    if (rest) return Number(rest) > 900 ? refusal(404, 'Not found') : data(record(kind!, Number(rest)))
    if (wanted) return data(wanted.filter((id) => id <= 900 && !archived.has(id)).map((id) => record(kind!, id)))
    return data(lists[kind!]!)
  })
  return { ...before, lists, archived }
}
