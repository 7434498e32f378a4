import { nearest } from '../../../kit/nearest.ts'
import { plain } from './table.ts'

/** The item that `given` identifies: by its id, or by its name if only one item has that name. */
export function pick<T extends { id: string; name: string }>(what: string, given: string, from: readonly T[]): T {
  const byId = from.find(({ id }) => id === given)
  if (byId) return byId
  const named = from.filter(({ name }) => name === given.normalize('NFC'))
  if (named.length === 1) return named[0]!
  if (named.length > 1)
    throw new Error(
      `${named.length} ${what}s are called ${JSON.stringify(given)}. Say which by its id: ${named.map(({ id }) => id).join(', ')}`,
    )
  const meant = nearest(
    given,
    from.map(({ name }) => name),
  )
  const hint = meant === undefined ? '' : ` Did you mean ${JSON.stringify(plain(meant))}?`
  throw new Error(`There is no ${what} ${JSON.stringify(given)}, neither by id nor by name.${hint}`)
}
