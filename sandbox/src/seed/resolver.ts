import { nearest } from '../nearest.ts'

/** A Referable is a record that a reference can name. */
export interface Referable<I extends string | number = number> {
  id: I
  /** The handle. */
  as?: string | undefined
  names: readonly string[]
}

/** A Resolver turns a reference into an id; it reports an unknown or ambiguous reference and returns undefined. */
export type Resolver<I extends string | number = number> = (reference: string | number | undefined, path: string) => I | undefined

/** Creates the resolver of one kind of record: by id, by handle, or by a unique name. */
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
