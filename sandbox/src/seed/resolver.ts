import { nearest } from '../nearest.ts'

/** A Named is what a reference can find. */
export interface Referable<I extends string | number = number> {
  id: I
  /** The handle. */
  as?: string | undefined
  names: readonly string[]
}

/** A Find turns a reference into an id; when it finds nothing, or too much, it tells `wrong` and answers undefined. */
export type Resolver<I extends string | number = number> = (reference: string | number | undefined, path: string) => I | undefined

/** All records of one kind that references can find: by id, by handle, by a name that only one of them has. */
export function createResolver<I extends string | number>(
  kind: string,
  all: readonly Referable<I>[],
  report: (path: string, text: string) => void,
): Resolver<I> {
  const ids = new Set<unknown>(all.map(({ id }) => id))
  const byHandle = new Map(all.flatMap(({ as, id }) => (as === undefined ? [] : [[as, id]])))
  const byName = new Map<string, I[]>()
  for (const { id, names } of all) for (const name of names) byName.set(name, [...(byName.get(name) ?? []), id])

  return (reference, path) => {
    if (reference === undefined) return undefined
    if (ids.has(reference)) return reference as I
    if (typeof reference === 'number') {
      report(path, `no ${kind} has the id ${reference}`)
      return undefined
    }
    const found = byHandle.has(reference) ? [byHandle.get(reference)!] : [...new Set(byName.get(reference))]
    if (found.length === 1) return found[0]
    const near = nearest(reference, [...byHandle.keys(), ...byName.keys()])
    report(
      path,
      found.length > 1
        ? `${found.length} are called ${JSON.stringify(reference)}: give one a handle with \`as\` and use that`
        : `there is no ${kind} ${JSON.stringify(reference)}${near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`}`,
    )
    return undefined
  }
}
