/** WatchedTexts are the texts of one language, with a record of which were read. */
export interface WatchedTexts<T> {
  texts: T
  unused(): string[]
}

/** Records which texts are read: a text that no way in shows need not be translated. */
export function watchTexts<T extends object>(texts: T): WatchedTexts<T> {
  const read = new Set<string>()
  const watch = <V extends object>(value: V, place: string): V =>
    new Proxy(value, {
      get(target, key) {
        const found: unknown = Reflect.get(target, key)
        if (typeof key !== 'string') return found
        const at = place ? `${place}.${key}` : key
        if (typeof found === 'object' && found !== null) return watch(found, at)
        read.add(at)
        return found
      },
    })
  return { texts: watch(texts, ''), unused: () => places(texts).filter((place) => !read.has(place)) }
}

/** Where the texts of a tree stand, in dots. */
function places(tree: object, place = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) => {
    const at = place ? `${place}.${key}` : key
    return typeof value === 'object' && value !== null ? places(value, at) : [at]
  })
}
