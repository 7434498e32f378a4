import { fillRow, linkedIds, type LinkedRecords, type Mapping } from '../catalog/mapping.ts'
import type { LinkedKind, ReferenceData } from '../pipedrive/pipedrive.ts'

/**
 * Fills contract rows for a page of sources: gathers every id that the mapping needs, fetches each kind once, all kinds in one wave.
 * With `onFailure` a kind that cannot be fetched is reported and its names stay null; without, the failure is thrown.
 */
export async function fillAll<S, C>(
  names: ReferenceData,
  mapping: Mapping<S, C>,
  sources: readonly S[],
  onFailure?: (kind: LinkedKind, error: unknown) => void,
): Promise<C[]> {
  const wanted = linkedIds(mapping, sources)
  const found: LinkedRecords = {}
  const fetchKind = async <K extends LinkedKind>(kind: K, ids: ReadonlySet<number>) => {
    try {
      found[kind] = (await names.fetch(kind, [...ids])) as LinkedRecords[K]
    } catch (error) {
      if (!onFailure) throw error
      onFailure(kind, error)
    }
  }
  await Promise.all([...wanted].map(([kind, ids]) => fetchKind(kind, ids)))
  return sources.map((source) => fillRow(mapping, source, found))
}
