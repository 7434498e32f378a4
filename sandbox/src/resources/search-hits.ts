import { validationFailed, wording } from '../http/answer.ts'
import type { Caller } from '../state/caller.ts'
import type { Owned } from '../state/records.ts'
import { isFindable, type SearchField, type SearchKind } from './search-kinds.ts'

/** The tokens that every search costs. */
export const SEARCH_PRICE = 20
const SHORTEST_TERM = 2

/** A SearchHit is a found record. */
export interface SearchHit {
  score: number
  kind: SearchKind
  row: Owned
}

/** The score of a term in a text: highest for the whole text, higher at the beginning than in the middle. All words must occur, in any order. */
function scoreOf(text: string, term: string, words: readonly string[], exact: boolean): number {
  const low = text.toLowerCase()
  if (low === term) return 1.2
  if (exact) return 0
  if (!words.every((word) => low.includes(word))) return 0
  if (low.startsWith(term)) return 0.8
  return low.includes(` ${term}`) ? 0.5 : 0.3
}

/** Names weigh more than other fields. */
const weightOf = (field: SearchField): number => (field === 'title' || field === 'name' ? 1 : 0.25)

/** A SearchQuery is a term and the fields to search; all without any. */
export interface SearchQuery {
  term: string
  fields?: readonly string[] | undefined
  exact: boolean
}

export function* hitsOf(kind: SearchKind, { term, fields, exact }: SearchQuery, call: Caller): Generator<SearchHit> {
  const low = term.trim().toLowerCase()
  const words = low.split(/\s+/)
  const searched = kind.fields.filter((field) => fields === undefined || fields.includes(field))
  if (searched.length === 0) return
  for (const row of kind.rows(call.company).walk()) {
    let score = 0
    for (const field of searched)
      for (const text of kind.texts(row, field, call)) score = Math.max(score, weightOf(field) * scoreOf(text, low, words, exact))
    if (score > 0 && isFindable(row, call)) yield { score, kind, row }
  }
}

/** The best hit first. */
export const best = (hits: Iterable<SearchHit>): SearchHit[] => [...hits].sort((a, b) => b.score - a.score || a.row.id - b.row.id)

export function showHit({ score, kind, row }: SearchHit, includes: readonly string[], caller: Caller) {
  const item: Record<string, unknown> = { id: row.id, type: kind.type, ...kind.show(row, caller) }
  for (const name of includes) if (Object.hasOwn(kind.includes, name)) item[name.split('.')[1]!] = kind.includes[name]!(row, caller)
  return { result_score: score, item }
}

/** Refuses a term that is too short; an exact one may be a single character. */
export function checkTerm(term: string, exact: boolean, { behaviour }: Caller): void {
  const shortest = exact ? 1 : SHORTEST_TERM
  // Counts characters, not UTF-16 units.
  if (Array.from(term.trim()).length < shortest)
    throw validationFailed([{ field: 'term', text: wording(behaviour, 'termTooShort', String(shortest)) }])
}
